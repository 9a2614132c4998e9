/**
 * The writer of bpmn-moddle puts every quotation mark of FEEL as &#34;, which nobody can read in a file or in git. The values
 * of our settings go between single quotes instead, as they stand in the files of the tree: an unchanged model is
 * written back byte for byte.
 */
const SETTING = /(<[\w-]+:(?:property|parameter)\b[^<>]*? value=)"([^"<]*)"/g;

export function tidy(xml) {
  return xml.replace(SETTING, (whole, start, value) => {
    if (value.includes("'") || value.includes('&#39;') || value.includes('&#10;')) return whole;
    return `${start}'${value.replaceAll('&#34;', '"').replaceAll('&quot;', '"')}'`;
  });
}

// CodeMirror writes its styles into a <style> element, which the pages' policy forbids; inside a shadow root it uses
// constructed style sheets, which the policy allows. Its first mount decides for the whole document, so it is made here
// with the document looking like such a root for a moment. Import this before anything that makes an editor.
import { StyleModule } from 'style-mod';

Object.defineProperty(document, 'head', { value: null, configurable: true });
try {
  StyleModule.mount(document, new StyleModule({}));
} finally {
  delete document.head;
}

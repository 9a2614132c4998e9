/** The picture of the diagram as a file: SVG as it is, PNG at double size on white. */
const MOST = 16000;

export function pictures(studio) {
  const name = (end) => `${studio.path().split('/').pop().replace(/\.bpmn$/, '')}.${end}`;
  document.getElementById('bar-svg').addEventListener('click', async () => download(new Blob([await svg(studio)], { type: 'image/svg+xml' }), name('svg')));
  document.getElementById('bar-png').addEventListener('click', async () => {
    const blob = await png(await svg(studio));
    if (blob) download(blob, name('png')); else studio.tell(studio.say('no-picture'), 'error');
  });
  studio.svg = () => svg(studio);
  studio.png = async () => png(await svg(studio));
}

async function svg(studio) { return (await studio.modeler.saveSVG()).svg; }

function png(text) {
  const size = /<svg[^>]*? width="([\d.]+)" height="([\d.]+)"/.exec(text);
  const [width, height] = size ? [Number(size[1]), Number(size[2])] : [1600, 900];
  const scale = Math.min(2, MOST / width, MOST / height);
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = Math.ceil(width * scale);
      canvas.height = Math.ceil(height * scale);
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(resolve, 'image/png');
    };
    image.onerror = () => resolve(null);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  });
}

function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

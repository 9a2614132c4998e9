/** Files as the editor opens them: their text, whatever encoding they declare, and what a new one begins with. */
import { textOf } from '../model/reading.js';

/** Files come as bytes in whatever encoding they declare; the saver sees text in UTF-8. */
export async function fetching(address, options = {}) {
  const answer = await fetch(address, options);
  if (options.method || !answer.ok) return answer;
  return new Response(textOf(new Uint8Array(await answer.arrayBuffer())), { status: answer.status, headers: { etag: answer.headers.get('etag') ?? '' } });
}

/** A new process: one lane to begin with. */
export function blank({ process, title }) {
  const name = (title || process).replace(/[<>&"]/g, ' ');
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="definitions_${process.replace(/\W/g, '_')}" targetNamespace="urn:banjian:${process}">
  <bpmn:process id="${process}" name="${name}" isExecutable="true">
    <bpmn:startEvent id="begin_1" name="收到申请" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_1">
    <bpmndi:BPMNPlane id="plane_1" bpmnElement="${process}">
      <bpmndi:BPMNShape id="begin_1_di" bpmnElement="begin_1"><dc:Bounds x="200" y="160" width="36" height="36" /></bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
`;
}

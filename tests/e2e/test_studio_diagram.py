"""Analysts draw in a real browser: settings by keyboard, findings, ready pieces, foreign models, broken files, two at once."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from api.app import create_app
from api.auth import hash_password
from engine.demonstration import PASSWORD, furnish
from engine.fitting import pieces
from engine.office import SYSTEM, Office, open_office
from engine.settings import Settings
from tests.api.serving import served
from tests.conftest import ROOT, THOROUGH
from tests.e2e.checks import findings
from tests.e2e.people import DESK, open_page, sign_in
from tests.e2e.test_places import AXE
from tests.studio.conftest import CALLING, SHORT, small_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

BUNDLE = ROOT / "api" / "ui" / "static" / "built" / "diagram.js"
MIWG = ROOT.parent / "shared" / "corpora" / "bpmn-miwg" / "reference"
#: Processes that have the papers and rights which the ready pieces need.
GIVING = ("expenditure-assistance", "so-establish")
MAIN = f"workflows/bpmn/{SHORT}.bpmn"
READY = "html[data-studio=ready]"
SAVED = "#diagram-state[data-state=saved]"

pytestmark = pytest.mark.skipif(not BUNDLE.is_file(), reason="the studio is not built (make assets)")


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with a few processes; its analysts have drafts of two of them."""
    folder = tmp_path_factory.mktemp("drawing")
    tree = small_tree(folder / "tree")
    shutil.copytree(ROOT / "workflows" / "pieces", tree / "workflows" / "pieces")
    for name in GIVING:
        for place in (f"forms/{name}", f"templates/{name}", f"workflows/dmn/{name}"):
            shutil.copytree(ROOT / place, tree / place, dirs_exist_ok=True)
        for file in (
            f"workflows/bpmn/{name}.bpmn",
            f"workflows/scenarios/{name}.yaml",
            f"policies/{name}.csv",
        ):
            shutil.copy(ROOT / file, tree / file)
    opened = open_office(Settings(root=tree, data=folder / "data"))
    now = datetime.now(UTC)
    opened.publish_tree(now)
    furnish(opened, SYSTEM, hash_password(PASSWORD), now)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(bureau: Office) -> Iterator[str]:
    """A real server over the office."""
    with served(create_app(bureau)) as url:
        yield url


@pytest.fixture(scope="module")
def cookies(chromium: Browser, address: str) -> dict[str, list[Any]]:
    """Two analysts, each signed in once."""
    kept: dict[str, list[Any]] = {}
    for account in ("analyst", "analyst2"):
        made = open_page(chromium, DESK)
        sign_in(made, address, account)
        made.wait_for_selector("form[action='/sign-out']")
        kept[account] = made.context.cookies()
        made.context.close()
    return kept


@pytest.fixture
def page(chromium: Browser, cookies: dict[str, list[Any]]) -> Iterator[Page]:
    """An analyst at the desk."""
    made = analyst(chromium, cookies["analyst"])
    yield made
    made.context.close()


def analyst(chromium: Browser, signed_in: list[Any], language: str = "zh-CN") -> Page:
    """Somebody who may draft, in a fresh profile."""
    made = open_page(chromium, DESK, language=language)
    made.context.add_cookies(signed_in)
    return made


def fresh(page: Page, address: str) -> None:
    """Open the editor on the process's own diagram as the tree has it, whatever was drawn before."""
    draw(page, address)
    put(page, SHORT, MAIN, (ROOT / MAIN).read_bytes())
    draw(page, address)


def draw(page: Page, address: str, process: str = SHORT, path: str = "") -> None:
    """Open the editor on a draft, which is begun if there is none."""
    target = f"{address}/studio/{process}/diagram" + (f"?path={path}" if path else "")
    page.goto(f"{address}/studio/{process}/diagram")
    page.wait_for_selector(READY)
    begin = page.locator(f"form[action='/studio/{process}/begin'] button")
    if begin.count():
        begin.click()
        page.wait_for_selector(f"{READY} #bar-template:not([hidden])")
    if path:
        page.goto(target)
        page.wait_for_selector(READY)


def put(page: Page, process: str, path: str, content: bytes) -> None:
    """Save a file into the draft as another tool would."""
    told = page.evaluate(
        """async ([process, path, bytes]) => {
          const at = `/studio/${process}/file?path=${encodeURIComponent(path)}`;
          const there = await fetch(at);
          const headers = there.ok ? {'if-match': there.headers.get('etag')} : {'if-none-match': '*'};
          const answer = await fetch(at, {method: 'PUT', body: new Uint8Array(bytes), headers});
          return [answer.status, await answer.text()];
        }""",
        [process, path, list(content)],
    )
    assert told[0] == 200, told


def kept(page: Page, process: str, path: str) -> bytes:
    """The file as the draft has it."""
    text = page.evaluate(
        "async ([process, path]) => (await fetch(`/studio/${process}/file?path=${encodeURIComponent(path)}`)).text()",
        [process, path],
    )
    return str(text).encode()


def editor(page: Page, script: str, given: Any = None) -> Any:
    """Ask the page's editor."""
    return page.evaluate(f"(given) => {{ const s = window.banjianStudio; return ({script}); }}", given)


def model_of(content: bytes) -> Counter[tuple[Any, ...]]:
    """Every element of a model with its owner, attributes and text: what must not vanish, however it is laid out."""
    counted: Counter[tuple[Any, ...]] = Counter()
    for element in etree.fromstring(content).iter():
        if not isinstance(element.tag, str):
            counted["comment", element.text] += 1
            continue
        owner = next((one.get("id") for one in element.iterancestors() if one.get("id")), "")
        attributes = tuple(sorted((key, plain(text, element)) for key, text in element.attrib.items()))
        text = (element.text or "").strip()
        counted[owner, element.tag, attributes, plain(text, element) if len(element) == 0 else text] += 1
    return counted


def plain(text: str, element: Any) -> str:
    """A value without its spelling: numbers as numbers, qualified names without their prefix."""
    text = text.strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return repr(float(text))
    named = re.fullmatch(r"([\w.-]+):([\w.-]+)", text)
    if named and named[1] in element.nsmap:
        return f"{{{element.nsmap[named[1]]}}}{named[2]}"
    return text


def test_settings_are_changed_by_keyboard_saved_and_undone(page: Page, address: str) -> None:
    fresh(page, address)
    page.locator("#tab-settings").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#elements-search").fill("核实")
    row = page.locator("button.element-row:visible", has_text="人工任务").first
    row.focus()
    page.keyboard.press("Enter")
    chosen = row.get_attribute("data-element")
    page.wait_for_selector(f"button.element-row[data-element='{chosen}'][aria-current=true]")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-field=name] textarea:focus")
    before = editor(page, f"s.element('{chosen}').businessObject.name")
    page.keyboard.press("Control+A")
    page.keyboard.type("核实差评情况")
    page.wait_for_selector(SAVED)
    deadline = page.locator("[data-field=deadline] .cm-content")
    deadline.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1 +")
    page.wait_for_selector("[data-field=deadline] .feel-told.feel-error")
    page.keyboard.press("Control+A")
    page.keyboard.type("add working days(date(now()), 3")
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-field=deadline] .cm-content[aria-invalid=false]")
    page.locator("[data-field=law] input").fill("社会救助法 四十八")
    page.locator("[data-field=law] .pick-found button").first.press("Enter")
    page.wait_for_selector("[data-field=law] .picked li:has-text('SHJZF-48')")
    assert editor(page, "s.flush()") is True
    text = kept(page, SHORT, MAIN).decode()
    assert 'name="核实差评情况"' in text
    assert "<spiffworkflow:property name=\"deadline\" value='=add working days(date(now()), 3)' />" in text
    assert "SHJZF-48" in text
    steps = 0
    while page.locator("#bar-undo").is_enabled():
        page.click("#bar-undo")
        steps += 1
    assert editor(page, f"s.element('{chosen}').businessObject.name") == before
    assert steps >= 3
    assert page.troubles == []  # type: ignore[attr-defined]


def test_a_form_is_made_for_a_new_step_that_is_built_without_a_mouse(page: Page, address: str) -> None:
    fresh(page, address)
    page.click("#tab-elements")
    first = editor(page, "s.modeler.get('elementRegistry').filter((e) => e.type === 'bpmn:UserTask')[0].id")
    page.locator(f"button.element-row[data-element='{first}']").press("Enter")
    page.click("#tab-settings")
    append = page.locator("[data-field=structure] select").first
    append.select_option("0")
    page.locator("[data-field=structure] button").first.press("Enter")
    page.wait_for_selector("[data-field=id] input")
    page.wait_for_selector("[data-field=form] button")
    made = editor(page, "s.modeler.get('selection').get()[0].id")
    assert made == "task_1", "a new id is one that people can read"
    page.locator("[data-field=form] button").press("Enter")
    page.wait_for_selector("[data-field=form] a")
    assert b'"id": "task_1"' in kept(page, SHORT, f"forms/{SHORT}/task_1.json")
    page.locator("[data-field=id] input").fill("look_again")
    page.wait_for_selector("button.element-row[data-element='look_again']", state="attached")
    page.click("#bar-undo")
    page.wait_for_selector("button.element-row[data-element='task_1']", state="attached")


def foreign() -> list[str]:
    """Models of other tools: three of them, or all."""
    names = sorted(path.name for path in MIWG.glob("*.bpmn"))
    return (
        names if THOROUGH else [name for name in names if name in {"A.4.1.bpmn", "B.2.0.bpmn", "C.5.0.bpmn"}]
    )


@pytest.mark.skipif(not MIWG.is_dir(), reason="the corpus does not lie beside the project")
def test_models_of_other_tools_come_back_without_loss(page: Page, address: str) -> None:
    draw(page, address, CALLING)
    for name in foreign():
        path = f"workflows/bpmn/_shared/{PurePosixPath(name).stem.lower().replace('.', '-')}.bpmn"
        before = (MIWG / name).read_bytes()
        put(page, CALLING, path, before)
        draw(page, address, CALLING, path)
        assert page.locator("#canvas").is_visible(), name
        # A change and its undoing make the editor write the whole model anew.
        editor(
            page,
            "(() => { const one = s.modeler.get('elementRegistry').filter((e) => e.businessObject && e.businessObject.$type.endsWith('Task'))[0];"
            " s.write.attributes(one, {name: 'x'}); s.modeler.get('commandStack').undo(); return true; })()",
        )
        assert editor(page, "s.flush()") is True
        lost = model_of(before) - model_of(kept(page, CALLING, path))
        assert not lost, f"{name}: {list(lost)[:3]}"


BROKEN = {
    "broken": b'<?xml version="1.0"?>\n<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">\n<process id="p">\n</definitions>',
    "xpdl": b'<?xml version="1.0"?>\n<Package xmlns="http://www.wfmc.org/2008/XPDL2.1" Id="p"/>',
    "other-version": b'<?xml version="1.0"?>\n<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0" id="d"/>',
    "foreign": b'<?xml version="1.0"?>\n\n<mxfile host="app"/>',
}


def test_what_is_no_bpmn_is_told_with_its_line_and_mended_as_text(page: Page, address: str) -> None:
    draw(page, address, CALLING)
    path = "workflows/bpmn/_shared/broken.bpmn"
    lines = {}
    for code, content in BROKEN.items():
        put(page, CALLING, path, content)
        draw(page, address, CALLING, path)
        page.wait_for_selector("#xml-fault:not([hidden])")
        told = page.locator("#xml-fault").inner_text()
        lines[code] = re.findall(r"第 (\d+) 行", told)
        assert page.locator("#xml-text").input_value().encode() == content, "nothing is lost"
    assert lines == {"broken": ["4"], "xpdl": ["2"], "other-version": ["2"], "foreign": ["3"]}
    page.locator("#xml-text").fill(kept(page, CALLING, f"workflows/bpmn/{CALLING}.bpmn").decode())
    page.click("#xml-back")
    page.wait_for_selector("#canvas .djs-shape")
    page.wait_for_selector(SAVED)
    assert b"<bpmn:process" in kept(page, CALLING, path)


def test_findings_are_drawn_listed_and_lead_to_the_element(page: Page, address: str) -> None:
    fresh(page, address)
    task = editor(page, "s.modeler.get('elementRegistry').filter((e) => e.type === 'bpmn:UserTask')[0].id")
    editor(page, f"s.write.settings(s.element('{task}'), {{separate_from: 'nobody_there'}})")
    page.wait_for_selector(".finding-badge.finding-error >> nth=0")
    page.click("#tab-findings")
    row = page.locator(f"button.finding-row[data-element='{task}']").first
    assert "nobody_there" in row.inner_text()
    row.press("Enter")
    page.click("#tab-settings")
    page.wait_for_selector("#panel-findings .finding-error-box")
    badge = page.locator(".finding-badge.finding-error").first
    assert badge.inner_text()[0] == "✕"
    assert badge.evaluate("(e) => getComputedStyle(e).backgroundColor") == "rgb(179, 38, 30)"
    page.click("#bar-undo")
    page.wait_for_selector(".finding-badge.finding-error", state="detached")


#: A join that waits for both ways of an either-or: no case ever comes to its end.
STUCK = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="d" targetNamespace="urn:stuck">
<bpmn:process id="service-rating" name="停住的流程" isExecutable="true">
<bpmn:startEvent id="a"><bpmn:outgoing>a_b</bpmn:outgoing></bpmn:startEvent>
<bpmn:exclusiveGateway id="b" default="b_d"><bpmn:incoming>a_b</bpmn:incoming><bpmn:outgoing>b_c</bpmn:outgoing><bpmn:outgoing>b_d</bpmn:outgoing></bpmn:exclusiveGateway>
<bpmn:scriptTask id="c" name="甲"><bpmn:incoming>b_c</bpmn:incoming><bpmn:outgoing>c_e</bpmn:outgoing><bpmn:script>{ x: 1 }</bpmn:script></bpmn:scriptTask>
<bpmn:scriptTask id="d1" name="乙"><bpmn:incoming>b_d</bpmn:incoming><bpmn:outgoing>d_e</bpmn:outgoing><bpmn:script>{ x: 2 }</bpmn:script></bpmn:scriptTask>
<bpmn:parallelGateway id="e"><bpmn:incoming>c_e</bpmn:incoming><bpmn:incoming>d_e</bpmn:incoming><bpmn:outgoing>e_f</bpmn:outgoing></bpmn:parallelGateway>
<bpmn:endEvent id="f"><bpmn:incoming>e_f</bpmn:incoming></bpmn:endEvent>
<bpmn:sequenceFlow id="a_b" sourceRef="a" targetRef="b"/><bpmn:sequenceFlow id="b_c" sourceRef="b" targetRef="c"><bpmn:conditionExpression>case.channel = "window"</bpmn:conditionExpression></bpmn:sequenceFlow>
<bpmn:sequenceFlow id="b_d" sourceRef="b" targetRef="d1"/><bpmn:sequenceFlow id="c_e" sourceRef="c" targetRef="e"/><bpmn:sequenceFlow id="d_e" sourceRef="d1" targetRef="e"/><bpmn:sequenceFlow id="e_f" sourceRef="e" targetRef="f"/>
</bpmn:process>
<bpmndi:BPMNDiagram id="g"><bpmndi:BPMNPlane id="p" bpmnElement="service-rating">
<bpmndi:BPMNShape id="a_s" bpmnElement="a"><dc:Bounds x="200" y="182" width="36" height="36"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="b_s" bpmnElement="b"><dc:Bounds x="300" y="175" width="50" height="50"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="c_s" bpmnElement="c"><dc:Bounds x="420" y="100" width="100" height="80"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="d_s" bpmnElement="d1"><dc:Bounds x="420" y="220" width="100" height="80"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="e_s" bpmnElement="e"><dc:Bounds x="590" y="175" width="50" height="50"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="f_s" bpmnElement="f"><dc:Bounds x="720" y="182" width="36" height="36"/></bpmndi:BPMNShape>
<bpmndi:BPMNEdge id="ab" bpmnElement="a_b"><di:waypoint x="236" y="200"/><di:waypoint x="300" y="200"/></bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="bc" bpmnElement="b_c"><di:waypoint x="325" y="175"/><di:waypoint x="325" y="140"/><di:waypoint x="420" y="140"/></bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="bd" bpmnElement="b_d"><di:waypoint x="325" y="225"/><di:waypoint x="325" y="260"/><di:waypoint x="420" y="260"/></bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="ce" bpmnElement="c_e"><di:waypoint x="520" y="140"/><di:waypoint x="615" y="140"/><di:waypoint x="615" y="175"/></bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="de" bpmnElement="d_e"><di:waypoint x="520" y="260"/><di:waypoint x="615" y="260"/><di:waypoint x="615" y="225"/></bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="ef" bpmnElement="e_f"><di:waypoint x="640" y="200"/><di:waypoint x="720" y="200"/></bpmndi:BPMNEdge>
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"""


def test_a_case_that_can_never_end_is_shown_with_the_way_to_it(page: Page, address: str) -> None:
    draw(page, address)
    put(page, SHORT, MAIN, STUCK.encode())
    draw(page, address)
    page.click("#tab-findings")
    row = page.locator("button.finding-row[data-finding='deadlock']")
    row.press("Enter")
    page.wait_for_selector("g.djs-shape.on-the-way")
    on = page.evaluate(
        "[...document.querySelectorAll('#canvas .on-the-way')].map((one) => one.dataset.elementId)"
    )
    assert {"a", "a_b", "b", "e"} <= set(on)
    assert {"c_e", "b_c"} & set(on) or {"d_e", "b_d"} & set(on), "the flows of the way belong to it"


def errors(page: Page) -> list[str]:
    """Errors of the draft as the checks tell them now."""
    told = page.evaluate(
        "async (process) => (await (await fetch(`/studio/${process}/findings`)).json()).findings", SHORT
    )
    return [f"{one['code']} {one['element']}" for one in told if one["severity"] == "error"]


#: The two parts `consultation` and `hearing` have steps of the same ids, so one process calls one of them.
PIECES = [one.name for one in pieces(ROOT) if one.name != "hearing-before-stop"]
TITLES = {one.name: one.title["zh"] for one in pieces(ROOT)}


def test_ready_pieces_bring_what_they_need_and_the_model_still_checks(page: Page, address: str) -> None:
    fresh(page, address)
    assert errors(page) == []
    for name in PIECES:
        page.click("#bar-template")
        # The list is made anew before the dialog opens; a key pressed before would be the old button's.
        page.wait_for_selector(f"#template-dialog[open] [data-template='{name}']")
        page.locator(f"[data-template='{name}']").press("Enter")
        page.locator("#diagram-told.done:not([hidden])", has_text=TITLES[name]).wait_for()
        page.wait_for_selector(SAVED)
        assert errors(page) == [], name
    loose = editor(
        page,
        "s.modeler.get('elementRegistry').filter((e) => !e.labelTarget && ['bpmn:UserTask', 'bpmn:CallActivity', 'bpmn:ScriptTask']"
        ".includes(e.type) && !(e.incoming.length && e.outgoing.length)).map((e) => e.id)",
    )
    assert loose == [], "a piece stands in the flow"
    page.click("#bar-undo")
    gone = editor(page, f"Boolean(s.element('{'posting' if PIECES[-1] == 'public-notice' else 'co_sign'}'))")
    assert gone is False, "one step takes a whole piece back"


#: Every menu, pad and panel for every kind of element; gives the words that the dictionary lacks.
WALK = """(() => {
const registry = s.modeler.get('elementRegistry'), popup = s.modeler.get('popupMenu'), factory = s.modeler.get('elementFactory');
s.modeler.get('palette').getEntries(); s.modeler.get('minimap').open(); s.modeler.get('minimap').close();
const root = s.modeler.get('canvas').getRootElement();
const events = ['Message', 'Timer', 'Signal', 'Error', 'Escalation', 'Conditional', 'Compensate', 'Cancel', 'Link', 'Terminate'];
const kinds = ['UserTask', 'ManualTask', 'ServiceTask', 'ScriptTask', 'BusinessRuleTask', 'SendTask', 'ReceiveTask', 'CallActivity', 'SubProcess',
  'Transaction', 'AdHocSubProcess', 'ExclusiveGateway', 'ParallelGateway', 'InclusiveGateway', 'ComplexGateway', 'EventBasedGateway', 'StartEvent',
  'EndEvent', 'IntermediateCatchEvent', 'IntermediateThrowEvent', 'DataObjectReference', 'DataStoreReference', 'TextAnnotation', 'Group', 'Task']
  .map((type) => ({ type: `bpmn:${type}` }));
for (const type of ['StartEvent', 'EndEvent', 'IntermediateCatchEvent', 'IntermediateThrowEvent'])
  for (const event of events) kinds.push({ type: `bpmn:${type}`, eventDefinitionType: `bpmn:${event}EventDefinition` });
const parent = registry.filter((e) => e.type === 'bpmn:Participant')[0] ?? root;
for (const attributes of kinds) {
  const made = s.modeler.get('modeling').createShape(factory.createShape(attributes), { x: 400, y: 300 }, parent);
  popup.getProviders ? popup._getEntries?.(made, popup._getProviders('bpmn-replace')) : null;
  s.modeler.get('contextPad').getEntries(made);
  s.typeOf(made); s.panel.declared(made);
  popup.open(made, 'bpmn-replace', { x: 300, y: 300 }); popup.close();
  s.modeler.get('modeling').removeShape(made);
}
for (const one of registry.getAll().filter((e) => e.businessObject?.$type && !e.labelTarget)) {
  s.modeler.get('contextPad').getEntries(one); s.typeOf(one); s.panel.declared(one);
  if (!one.waypoints) { popup.open(one, 'bpmn-replace', { x: 300, y: 300 }); popup.close(); }
}
const two = registry.filter((e) => e.type === 'bpmn:UserTask').slice(0, 3);
s.modeler.get('contextPad').getEntries(two);
popup.open(two, 'align-elements', { x: 300, y: 300 }); popup.close();
return [...s.missing];
            })()"""


def test_every_word_is_in_both_languages(
    chromium: Browser, address: str, cookies: dict[str, list[Any]]
) -> None:
    """A key that one language has the other has too (tests/api/test_words.py), so one walk finds what is missing."""
    for language in ("zh-CN", "en"):
        page = analyst(chromium, cookies["analyst"], language)
        draw(page, address)
        missing = editor(page, WALK if language == "zh-CN" else "[...s.missing]")
        assert missing == [], language
        shown = page.locator(".djs-palette .entry").first.get_attribute("title") or page.locator(
            ".djs-palette .entry"
        ).first.get_attribute("aria-label")
        assert bool(re.search(r"[\u4e00-\u9fff]", shown or "")) is (language == "zh-CN")
        page.context.close()


def test_two_analysts_lose_nothing(
    chromium: Browser, page: Page, address: str, cookies: dict[str, list[Any]]
) -> None:
    fresh(page, address)
    other = analyst(chromium, cookies["analyst2"])
    draw(other, address)
    task = editor(page, "s.modeler.get('elementRegistry').filter((e) => e.type === 'bpmn:UserTask')[0].id")
    editor(other, f"s.write.attributes(s.element('{task}'), {{name: '后来的名称'}})")
    other.wait_for_selector(SAVED)
    editor(page, f"s.write.attributes(s.element('{task}'), {{name: '我的名称'}})")
    page.wait_for_selector("dialog.saving[open]")
    page.locator("dialog.saving [data-choice=take-mine]").click()
    page.wait_for_selector(SAVED)
    assert "我的名称".encode() in kept(page, SHORT, MAIN)
    other.context.close()


#: Elements of a large model; the whole measure takes some seconds.
LARGE = 2002 if THOROUGH else 602


def test_a_large_model_opens(page: Page, address: str) -> None:
    draw(page, address, CALLING)
    path = "workflows/bpmn/_shared/large.bpmn"
    put(page, CALLING, path, large(LARGE))
    started = datetime.now(UTC)
    draw(page, address, CALLING, path)
    seconds = (datetime.now(UTC) - started).total_seconds()
    count = editor(page, "s.modeler.get('elementRegistry').getAll().length")
    print(f"{count} elements on the canvas, opened in {seconds:.1f} s with the page")
    assert count >= LARGE - 2
    page.click("#tab-elements")
    page.fill("#elements-search", "步骤 250")
    page.locator("button.element-row[data-element=n250]").press("Enter")
    assert editor(page, "s.modeler.get('selection').get()[0].id") == "n250"


def large(elements: int) -> bytes:
    """A snake of tasks with its picture."""
    count = elements // 2
    nodes, shapes = [], []
    for at in range(count):
        x, y = 120 + at % 40 * 180, 100 + at // 40 * 140
        nodes.append(f'<bpmn:task id="n{at}" name="步骤 {at}"/>')
        shapes.append(
            f'<bpmndi:BPMNShape id="n{at}_di" bpmnElement="n{at}"><dc:Bounds x="{x}" y="{y}" width="120" height="80"/></bpmndi:BPMNShape>'
        )
        if at:
            nodes.append(f'<bpmn:sequenceFlow id="f{at}" sourceRef="n{at - 1}" targetRef="n{at}"/>')
            shapes.append(
                f'<bpmndi:BPMNEdge id="f{at}_di" bpmnElement="f{at}"><di:waypoint x="{x - 60}" y="{y + 40}"/><di:waypoint x="{x}" y="{y + 40}"/></bpmndi:BPMNEdge>'
            )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
        'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="d" targetNamespace="urn:large"><bpmn:process id="large">'
        + "".join(nodes)
        + '</bpmn:process><bpmndi:BPMNDiagram id="g"><bpmndi:BPMNPlane id="p" bpmnElement="large">'
        + "".join(shapes)
        + "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
    ).encode()


def test_the_picture_comes_as_svg_and_png(page: Page, address: str) -> None:
    fresh(page, address)
    with page.expect_download() as svg:
        page.click("#bar-svg")
    assert svg.value.suggested_filename == f"{SHORT}.svg"
    assert b"<svg" in svg_bytes(svg.value.path())
    with page.expect_download() as png:
        page.click("#bar-png")
    assert svg_bytes(png.value.path()).startswith(b"\x89PNG")


def svg_bytes(path: Path | str) -> bytes:
    """What was downloaded."""
    return Path(path).read_bytes()


def test_the_page_around_the_canvas_is_for_everybody(page: Page, address: str) -> None:
    fresh(page, address)
    editor(page, "s.select(s.modeler.get('elementRegistry').filter((e) => e.type === 'bpmn:UserTask')[0])")
    page.wait_for_selector("[data-field=law] input")
    logo = page.locator(".bjs-powered-by").bounding_box()
    assert logo is not None
    over = page.evaluate(
        "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.bjs-powered-by'))",
        [logo["x"] + logo["width"] / 2, logo["y"] + logo["height"] / 2],
    )
    assert over, "nothing lies on the logo"
    # The canvas speaks to the eye; the list of elements beside it is its accessible form.
    page.evaluate("document.getElementById('canvas').replaceChildren()")
    # `case.submitted_at` in an expression is no missing word.
    assert [one for one in findings(page) if "case.submitted" not in one] == []
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (make assets)")
    page.evaluate(AXE.read_text())
    told = page.evaluate(
        "async () => (await axe.run({exclude: [['#canvas']]}, {runOnly: {type: 'tag', values: "
        "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}, resultTypes: ['violations']}))"
        ".violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 120))])"
    )
    assert told == []

"""A plain sentence in Chinese and in English for every finding of the loader.

Placeholders are `element` and the keys of a finding's values; sentences do without what not every finding of a code has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# code -> (Chinese, English)
SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # the file
    "xml-doctype": ("不接受含有DOCTYPE的文件", "files with a DOCTYPE are not accepted"),
    "xml-too-large": ("文件太大(上限{limit})", "the file is too large (limit {limit})"),
    "xml-too-deep": ("元素嵌套太深(最多{limit}层)", "elements are nested too deeply (at most {limit} levels)"),
    "xml-encoding": ("文件的编码“{encoding}”无法识别或与内容不符", "the encoding {encoding} is unknown or not that of the file"),
    "xml-broken": ("不是有效的XML(第{line}行):{reason}", "not well-formed XML (line {line}): {reason}"),
    "xml-not-bpmn": ("不是BPMN 2.0文件(根元素{tag})", "not a BPMN 2.0 file (root element {tag})"),
    "schema": ("不符合BPMN的XML Schema(第{line}行):{reason}", "not valid by the BPMN schema (line {line}): {reason}"),
    "extension-required": ("文件要求理解扩展“{definition}”,此处不支持", "the file requires the extension {definition}, which is not supported"),
    # which process
    "no-process": ("文件中没有流程", "there is no process in the files"),
    "which-process": ("文件中有多个流程{known},请指明运行哪一个", "several processes, say which to run: {known}"),
    "unknown-process": ("没有流程“{element}”(有{known})", "there is no process {element} (there are {known})"),
    # ids and references
    "id-missing": ("第{line}行的{tag}没有id", "the {tag} in line {line} has no id"),
    "id-broken": ("id“{element}”含有不允许的字符", "the id {element!r} has characters that ids may not have"),
    "id-twice": ("id“{element}”用了两次(第{line}行)", "the id {element} is used twice (line {line})"),
    "reference-dangling": ("“{element}”引用的{wanted}“{ref}”不存在", "{element} refers to {wanted} {ref}, which does not exist"),
    "reference-wrong": ("“{element}”的{attribute}“{ref}”不存在或类型不符", "{attribute} of {element} means {ref}, which does not exist or is of another kind"),
    "reference-missing": ("“{element}”没有写明{attribute}", "{element} does not say its {attribute}"),
    "lane-ref-wrong": ("泳道“{element}”引用了本流程之外的“{ref}”", "the lane {element} names {ref}, which is not in its process"),
    "lanes-two": ("“{element}”同时在泳道“{lane}”和“{other}”中", "{element} lies in two lanes, {lane} and {other}"),
    "correlation-broken": ("关联属性“{element}”缺少消息或取值表达式", "the correlation property {element} lacks a message or a path"),
    # what is not supported
    "ad-hoc": ("不支持即席子流程(“{element}”)", "ad-hoc sub-processes are not supported ({element})"),
    "choreography": ("不支持编排图(“{element}”,{tag})", "choreographies are not supported ({element}, {tag})"),
    "parallel-multiple": ("不支持并行多重事件(“{element}”)", "parallel-multiple events are not supported ({element})"),
    "data-association": ("不支持数据关联(“{element}”的{tag})", "data associations are not supported ({tag} of {element})"),
    "complex-behaviour": ("不支持多实例的复杂行为(“{element}”)", "complex multi-instance behaviour is not supported ({element})"),
    "element-unsupported": ("“{element}”中不支持{tag}", "{tag} is not supported in {element}"),
    "extension-unsupported": ("“{element}”的扩展{tag}不支持", "the extension {tag} of {element} is not supported"),
    "extension-broken": ("“{element}”的扩展{tag}写法有误", "the extension {tag} of {element} is malformed"),
    "token-quantity": ("“{element}”的{attribute}只能为1", "{attribute} of {element} can only be 1"),
    "transaction-method": ("事务“{element}”只支持补偿方式,不支持{method}", "the transaction {element} can only compensate, not {method}"),
    "python-script": ("“{element}”含有Python代码,模型中只能用FEEL", "{element} holds Python; models speak FEEL only"),
    "script-language": ("“{element}”的脚本语言{language}不支持,只能用FEEL", "the script language {language} of {element} is not supported, only FEEL"),
    "script-language-missing": ("“{element}”的脚本是一段话而不是FEEL", "the script of {element} is prose, not FEEL"),
    "script-missing": ("脚本任务“{element}”没有脚本", "the script task {element} has no script"),
    "expression-language": ("“{element}”的表达式语言{language}不支持,只能用FEEL", "the expression language {language} of {element} is not supported, only FEEL"),
    "expression-broken": ("“{element}”的{part}不是有效的FEEL:{text}", "{part} of {element} is not FEEL: {text}"),
    "expression-not-formal": ('“{element}”的{part}应标明xsi:type="tFormalExpression"', '{part} of {element} must say xsi:type="tFormalExpression"'),
    "text-broken": ("“{element}”的{tag}中不能再有元素", "{tag} of {element} may not hold elements"),
    "text-format": ("“{element}”的文字格式“{format}”不是MIME类型", "the text format {format!r} of {element} is not a MIME type"),
    "attribute-broken": ("“{element}”的{attribute}不能为“{value}”", "{attribute} of {element} cannot be {value!r}"),
    "event-unknown": ("“{element}”的事件类型{kind}无法识别", "the event kind {kind} of {element} is unknown"),
    "spiff-refused": ("SpiffWorkflow无法读取“{element}”:{reason}", "SpiffWorkflow cannot read {element}: {reason}"),
    # flows
    "flow-dangling": ("顺序流“{element}”的一端“{ref}”不是节点", "the flow {element} has no node at one end ({ref})"),
    "flow-crosses-scope": ("顺序流“{element}”越过了子流程边界(到“{ref}”)", "the flow {element} crosses the border of a sub-process (at {ref})"),
    "flow-list-wrong": ("“{element}”列出的{side}“{ref}”与顺序流不符", "{element} lists {ref} as {side}, which no flow confirms"),
    "flow-not-immediate": ("可执行流程中顺序流“{element}”必须是即时的", "the flow {element} must be immediate in an executable process"),
    "boundary-entered": ("顺序流“{element}”不能指向边界事件“{ref}”", "the flow {element} may not lead to the boundary event {ref}"),
    "default-not-outgoing": ("“{element}”的默认流“{ref}”不是从它流出的", "the default flow {ref} of {element} does not leave it"),
    "default-conditional": ("默认流“{element}”不能带条件", "the default flow {element} may not have a condition"),
    "default-missing": ("“{element}”的所有流出都有条件,应有一条默认流", "all flows out of {element} have conditions, one must be the default"),
    "condition-missing": ("从“{source}”流出的“{element}”没有条件,也不是默认流", "the flow {element} out of {source} has no condition and is not the default"),
    "condition-empty": ("顺序流“{element}”的条件是空的", "the condition of the flow {element} is empty"),
    "condition-alone": ("“{source}”只有一条流出“{element}”,不能带条件", "the only flow out of {source}, {element}, may not be conditional"),
    "condition-not-allowed": ("从{tag}“{source}”流出的“{element}”不能带条件", "the flow {element} out of {tag} {source} may not have a condition"),
    "start-missing": ("“{element}”有结束事件却没有开始事件", "{element} has an end event but no start event"),
    "end-missing": ("“{element}”有开始事件却没有结束事件", "{element} has a start event but no end event"),
    "start-count": ("子流程“{element}”的开始事件数目不对({count}个)", "the sub-process {element} has the wrong number of start events ({count})"),
    "node-without-incoming": ("“{element}”({tag})没有流入", "nothing leads to {element} ({tag})"),
    "node-without-outgoing": ("“{element}”({tag})没有流出", "nothing leads on from {element} ({tag})"),
    "incoming-not-allowed": ("“{element}”({tag})不能有流入", "no flow may lead to {element} ({tag})"),
    "outgoing-not-allowed": ("“{element}”({tag})不能有流出", "no flow may leave {element} ({tag})"),
    "gateway-pointless": ("网关“{element}”既没有多条流入也没有多条流出", "the gateway {element} has neither several flows in nor several out"),
    "gateway-direction": ("网关“{element}”标为{said},与它的顺序流不符", "the gateway {element} says {said}, its flows say otherwise"),
    "event-gateway-target": ("事件网关“{element}”之后不能是{tag}“{ref}”", "the event gateway {element} may not be followed by {tag} {ref}"),
    "event-gateway-ways": ("事件网关“{element}”至少要有两条流出", "the event gateway {element} needs two ways at least"),
    "event-gateway-shared": ("“{element}”在事件网关“{gateway}”之后,不能再有别的流入", "{element} follows the event gateway {gateway} and may have no other flow in"),
    "event-gateway-mixed": ("事件网关“{element}”之后不能既有消息事件又有接收任务", "the event gateway {element} mixes message events and receive tasks"),
    "event-gateway-attached": ("“{element}”所依附的任务在事件网关“{gateway}”之后,不能带边界事件", "{element} is attached to what follows the event gateway {gateway}, which may have no boundary events"),
    "event-gateway-parallel": ("不支持并行的事件网关(“{element}”)", "parallel event gateways are not supported ({element})"),
    "instantiate-entered": ("启动流程的“{element}”不能有流入", "{element} starts the process and may have no flow in"),
    "instantiate-without-message": ("启动流程的事件网关“{element}”只能等待消息(“{ref}”)", "the event gateway {element} starts the process and may wait for messages only ({ref})"),
    # events
    "trigger-missing": ("“{element}”({tag})没有写明等待什么", "{element} ({tag}) does not say what it waits for"),
    "trigger-not-allowed": ("{tag}“{element}”不能是{trigger}事件", "{tag} {element} may not be a {trigger} event"),
    "code-missing": ("“{element}”抛出的“{ref}”没有代码", "{ref}, which {element} throws, has no code"),
    "must-interrupt": ("“{element}”的{trigger}事件必须是中断的", "the {trigger} event {element} must interrupt"),
    "boundary-dangling": ("边界事件“{element}”依附的“{ref}”不存在", "the boundary event {element} is attached to {ref}, which does not exist here"),
    "boundary-not-on-activity": ("边界事件“{element}”只能依附于活动,“{ref}”是{tag}", "the boundary event {element} must sit on an activity, {ref} is a {tag}"),
    "cancel-outside-transaction": ("取消事件“{element}”只能用于事务", "the cancel event {element} belongs to a transaction"),
    "compensation-handler": ("补偿事件“{element}”应恰好关联一个补偿活动", "the compensation event {element} needs exactly one handler"),
    "link-partner": ("链接事件“{element}”(“{name}”)在同一范围内没有唯一的对应", "the link event {element} ({name}) has no single partner in its scope"),
    "operation-missing": ("“{element}”的消息“{message}”有类型,应写明操作", "{element} uses the typed message {message} and must name its operation"),
    "timer-ambiguous": ("定时器“{element}”写了不止一种时间", "the timer {element} gives more than one time"),
    "timer-not-iso": ("定时器“{element}”的“{text}”既不是FEEL(以=开头)也不是ISO 8601", "{text!r} of the timer {element} is neither FEEL (with =) nor ISO 8601"),
    "timer-empty": ("定时器“{element}”没有时间", "the timer {element} gives no time"),
    "conditional-empty": ("条件事件“{element}”没有条件", "the conditional event {element} has no condition"),
    # activities and loops
    "call-nothing": ("调用活动“{element}”没有写明调用哪个流程", "the call activity {element} does not say what it calls"),
    "call-unknown": ("调用活动“{element}”调用的“{called}”不存在", "{element} calls {called}, which does not exist"),
    "decision-missing": ("规则任务“{element}”没有写明决策", "the rule task {element} names no decision"),
    "decision-unknown": ("规则任务“{element}”的决策“{decision}”不存在", "the rule task {element} names the decision {decision}, which does not exist"),
    "loops-two": ("“{element}”不能同时有两种循环", "{element} may not have two kinds of loop"),
    "loop-without-end": ("循环“{element}”既无条件也无上限", "the loop {element} has neither condition nor maximum"),
    "loop-maximum": ("循环“{element}”的上限“{value}”不是整数", "the maximum {value!r} of the loop {element} is not a number"),
    "instances-unknown": ("多实例“{element}”没有写明次数或列表", "the multi-instance {element} has neither a number nor a list"),
    "instances-ambiguous": ("多实例“{element}”同时写了次数和列表", "the multi-instance {element} has both a number and a list"),
    "instance-item-type": ("多实例“{element}”的元素不能是列表类型", "the item of the multi-instance {element} may not be typed as a list"),
    "behaviour-unknown": ("多实例“{element}”的行为“{behaviour}”无法识别", "the behaviour {behaviour!r} of {element} is unknown"),
    "behaviour-event-missing": ("多实例“{element}”缺少{attribute}", "the multi-instance {element} lacks {attribute}"),
    # settings
    "settings-misplaced": ("设置只能写在节点上,不能写在{tag}“{element}”上", "settings belong to nodes, not to {tag} {element}"),
    "setting-misplaced": ("设置{setting}不能用于{tag}“{element}”", "the setting {setting} does not apply to {tag} {element}"),
    "setting-unknown": ("“{element}”的设置{setting}不能为“{value}”", "the setting {setting} of {element} cannot be {value!r}"),
    "setting-incomplete": ("“{element}”的设置{setting}需要同时有{needs}", "the setting {setting} of {element} needs {needs}"),
    # messages and data
    "message-flow-end": ("消息流“{element}”的{side}“{ref}”不能收发消息", "{ref} cannot be the {side} of the message flow {element}"),
    "message-flow-same-pool": ("消息流“{element}”的两端在同一个池中", "both ends of the message flow {element} are in one pool"),
    "multiplicity": ("参与者“{element}”的数目不对(最少{minimum},最多{maximum})", "the multiplicity of the participant {element} is wrong (at least {minimum}, at most {maximum})"),
    "message-data-count": ("“{element}”收发消息,{data}只能有一个", "{element} carries a message and may have one {data} only"),
    "message-data-type": ("“{element}”的数据“{data}”与消息类型不符", "the data {data} of {element} is not of the message's type"),
    "data-not-in-set": ("“{element}”的数据“{data}”不在任何数据集中", "the data {data} of {element} is in no set"),
    "data-not-allowed": ("子流程“{element}”自己不能有数据输入输出", "the sub-process {element} may have no data inputs and outputs of its own"),
    "data-sets-disagree": ("“{element}”的输入集与输出集互相引用不一致", "input and output sets of {element} do not agree on each other"),
    "data-state-name": ("数据对象引用“{element}”应名为“{expected}”", "the data object reference {element} must be called {expected!r}"),
}  # fmt: skip


class _Facts(dict[str, Any]):
    """Values for a sentence; one that is missing shows as a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def sentence(code: str, element: str | None, values: Mapping[str, Any], language: int = 1) -> str:
    """Return the sentence of a finding: Chinese for language 0, English for 1; the bare code if it has none."""
    template = SENTENCES.get(code, (code, code))[language]
    return template.format_map(_Facts({**values, "element": element or values.get("file", "?")}))

// The annotation columns of a table. dmn-js knows one note per rule; our tables name theirs (`law`, `note`), and so does
// the standard, so they are drawn and edited here: <annotation name="law"/> in the table, <annotationEntry> in each rule.
import { createComponentVNode, createVNode, Component } from 'inferno';
import { inject, Cell } from 'table-js/lib/components';
import EditableComponent from 'dmn-js-shared/lib/components/EditableComponent';

const ELEMENT = 1;
const COMPONENT = 2;
const UNKNOWN_CHILDREN = 0;
/** Columns that can be drawn; a table with more keeps them in its file. */
const MOST = 8;
/** Columns of a table that names none; they come into the file with the first note. */
const USUAL = ['law', 'note'];

/** The columns: [name, index in annotationEntry, or -1 for dmn-js's own description]. */
export function columns(table) {
  const named = (table.get('annotation') ?? []).map((one, at) => [one.name ?? String(at + 1), at]);
  const shown = named.length ? named : USUAL.map((name, at) => [name, at]);
  const described = (table.get('rule') ?? []).some((rule) => rule.description);
  return described ? [...shown, ['description', -1]] : shown;
}

/** The heading of the column at a place. */
function header(place) {
  class Header extends Component {
    constructor(props, context) {
      super(props, context);
      inject(this);
      this.changed = () => this.forceUpdate();
    }

    componentDidMount() { this.changeSupport.onElementsChanged(this.sheet.getRoot().id, this.changed); }

    componentWillUnmount() { this.changeSupport.offElementsChanged(this.sheet.getRoot().id, this.changed); }

    render() {
      const [name] = columns(this.sheet.getRoot().businessObject)[place] ?? [''];
      return createVNode(ELEMENT, 'th', `annotation header annotation-${name}`, [this.annotationWords(name)], UNKNOWN_CHILDREN);
    }
  }
  Header.$inject = ['changeSupport', 'sheet', 'annotationWords'];
  return Header;
}

class Note extends EditableComponent {
  render() {
    return createVNode(ELEMENT, 'div', this.getClassName(), this.getEditor(), UNKNOWN_CHILDREN);
  }
}

/** The cells of one rule; `place` is that of the column. */
class Notes extends Component {
  constructor(props, context) {
    super(props, context);
    inject(this);
    this.changed = () => this.forceUpdate();
  }

  componentWillMount() { this.changeSupport.onElementsChanged(this.props.row.id, this.changed); }

  componentWillUnmount() { this.changeSupport.offElementsChanged(this.props.row.id, this.changed); }

  text(at) {
    const rule = this.props.row.businessObject;
    return (at < 0 ? rule.description : rule.get('annotationEntry')?.[at]?.text) ?? '';
  }

  /** Writes a note; entries before it come into being with it, since they are known by their places. */
  edit(at, text) {
    const rule = this.props.row.businessObject;
    if (at < 0) {
      this.modeling.editAnnotation(rule, text);
      return;
    }
    const table = rule.$parent;
    if (!(table.get('annotation') ?? []).length) {
      const made = USUAL.map((name) => this.make('dmn:RuleAnnotationClause', { name }, table));
      this.modeling.updateProperties(table, { annotation: made });
    }
    const count = Math.max(at + 1, (rule.get('annotationEntry') ?? []).length);
    const entries = Array.from({ length: count }, (_, place) => this.make(
      'dmn:RuleAnnotation', { text: place === at ? text : this.text(place) }, rule,
    ));
    this.modeling.updateProperties(rule, { annotationEntry: entries });
  }

  make(type, values, parent) {
    const made = this.moddle.create(type, values);
    made.$parent = parent;
    return made;
  }

  render() {
    const { row, rowIndex } = this.props;
    const [name, at] = columns(row.businessObject.$parent)[this.place] ?? ['', -1];
    return createComponentVNode(COMPONENT, Cell, {
      className: `annotation annotation-${name}`,
      coords: `${rowIndex}:annotation-${name}`,
      elementId: `${row.id}__${name}`,
      'data-row-id': row.id,
      children: createComponentVNode(COMPONENT, Note, {
        label: this.annotationWords(name),
        ctrlForNewline: true,
        className: 'annotation-editor',
        onChange: (text) => this.edit(at, text),
        value: this.text(at),
      }),
    });
  }
}
Notes.$inject = ['changeSupport', 'modeling', 'moddle', 'annotationWords'];

/** The same for those who may only read. */
class Words extends Component {
  constructor(props, context) {
    super(props, context);
    inject(this);
  }

  render() {
    const { row } = this.props;
    const rule = row.businessObject;
    const [name, at] = columns(rule.$parent)[this.place] ?? ['', -1];
    const text = (at < 0 ? rule.description : rule.get('annotationEntry')?.[at]?.text) ?? '';
    return createComponentVNode(COMPONENT, Cell, {
      className: `annotation annotation-${name}`,
      elementId: `${row.id}__${name}`,
      'data-row-id': row.id,
      children: text,
    });
  }
}
Words.$inject = [];

function cells(place, kind) {
  class NotesAt extends kind {}
  NotesAt.prototype.place = place;
  NotesAt.$inject = kind.$inject;
  return NotesAt;
}

function provider(kind) {
  function Provider(components, sheet) {
    for (let place = 0; place < MOST; place += 1) {
      const heading = header(place);
      const notes = cells(place, kind);
      components.onGetComponent('cell', ({ cellType }) => {
        if (cellType !== 'after-label-cells' && cellType !== 'after-rule-cells') return undefined;
        if (place >= columns(sheet.getRoot().businessObject).length) return undefined;
        return cellType === 'after-label-cells' ? heading : notes;
      });
    }
  }
  Provider.$inject = ['components', 'sheet'];
  return Provider;
}

/** The module that takes the place of dmn-js's own annotations; `say(name)` gives the column's heading. */
export function annotationsModule(say, editable) {
  return { annotationsProvider: ['type', provider(editable ? Notes : Words)], annotationWords: ['value', say] };
}

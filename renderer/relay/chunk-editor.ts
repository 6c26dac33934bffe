// The editor of a held chunk, without React: its bytes as text or hex, line ends as their marks, and what was changed
// against what came: taken away struck through, put in underlined. Counterparts: edit-text.ts, token-diff.ts,
// chunk-editor-pane.tsx. Like the lessons' editor it lives in a shadow root, where the library may add its style sheets.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { EditorState, type Range, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, keymap, WidgetType } from '@codemirror/view'
import { type EditMode, type Token, tokensOf } from './edit-text.ts'
import { diffTokens } from './token-diff.ts'

export interface ChunkEditorOptions {
  readonly label: string
  readonly mode: EditMode
  /** What came, and what was made of it, as texts of this mode. */
  readonly original: string
  readonly text: string
  onChange(text: string): void
  /** Esc: back to where the editor was opened from. */
  onLeave(): void
  onForward(): void
}

export interface ChunkEditor {
  focus(): void
  dispose(): void
}

const lineEnds: Readonly<Record<string, readonly string[]>> = {
  '\\r\\n': ['CR', 'LF'],
  '\\r': ['CR'],
  '\\n': ['LF'],
}
/** Of what was taken away, so much is shown in the line. */
const longestGone = 400

const markOf = (names: readonly string[], added: boolean): HTMLElement => {
  const mark = document.createElement('span')
  mark.className = added ? 'line-end added' : 'line-end'
  for (const name of names) mark.append(Object.assign(document.createElement('span'), { textContent: name }))
  return mark
}

class LineEndWidget extends WidgetType {
  readonly names: readonly string[]
  readonly added: boolean
  constructor(names: readonly string[], added: boolean) {
    super()
    this.names = names
    this.added = added
  }
  override eq(other: LineEndWidget): boolean {
    return other.added === this.added && other.names.join() === this.names.join()
  }
  override toDOM(): HTMLElement {
    return markOf(this.names, this.added)
  }
}

/** What was taken away, where it stood. */
class GoneWidget extends WidgetType {
  readonly tokens: readonly string[]
  readonly spaced: boolean
  constructor(tokens: readonly string[], spaced: boolean) {
    super()
    this.tokens = tokens
    this.spaced = spaced
  }
  override eq(other: GoneWidget): boolean {
    return other.tokens.join('\n') === this.tokens.join('\n')
  }
  override toDOM(): HTMLElement {
    const gone = document.createElement('del')
    let length = 0
    for (const [i, token] of this.tokens.entries()) {
      length += token.length
      if (length > longestGone) {
        gone.append('…')
        break
      }
      const names = lineEnds[token]
      if (this.spaced) gone.append(i === 0 ? token : ` ${token}`)
      else gone.append(names === undefined ? token : markOf(names, false))
    }
    return gone
  }
}

const added = Decoration.mark({ tagName: 'ins' })
const escaped = Decoration.mark({ class: 'escaped' })

interface Drawn {
  readonly decorations: DecorationSet
  /** Line ends with the line break behind them: passed over and deleted as one. */
  readonly atoms: DecorationSet
}

const drawingOf =
  (mode: EditMode, original: readonly string[]) =>
  (text: string): Drawn => {
    const tokens = tokensOf(text, mode)
    const endOf = ({ text: word, at }: Token) => at + word.length
    const decorations: Range<Decoration>[] = []
    const atoms: Range<Decoration>[] = []
    const isAdded = new Uint8Array(tokens.length)
    for (const { aFrom, aTo, bFrom, bTo } of diffTokens(
      original,
      tokens.map((token) => token.text),
    )) {
      isAdded.fill(1, bFrom, bTo)
      const first = tokens[bFrom]
      const before = tokens[bFrom - 1]
      if (bTo > bFrom) decorations.push(added.range(first!.at, endOf(tokens[bTo - 1]!)))
      if (aTo === aFrom) continue
      // At the end of a line it would be taken for the line's own: it stands at the beginning of the next.
      const at = before === undefined ? 0 : before.text in lineEnds && first !== undefined ? first.at : endOf(before)
      const widget = new GoneWidget(original.slice(aFrom, aTo), mode === 'hex')
      decorations.push(Decoration.widget({ widget, side: -1 }).range(bTo > bFrom ? first!.at : at))
    }
    if (mode === 'text')
      for (const [i, token] of tokens.entries()) {
        if (!token.text.startsWith('\\')) continue
        const end = endOf(token)
        const names = lineEnds[token.text]
        if (names === undefined) decorations.push(escaped.range(token.at, end))
        else {
          const widget = new LineEndWidget(names, isAdded[i] === 1)
          const mark = Decoration.replace({ widget })
          decorations.push(mark.range(token.at, end))
          atoms.push(mark.range(token.at, text[end] === '\n' ? end + 1 : end))
        }
      }
    return { decorations: Decoration.set(decorations, true), atoms: Decoration.set(atoms, true) }
  }

const theme = EditorView.theme({
  '&': { color: 'var(--text)', background: 'transparent', maxHeight: 'min(216px, 22vh)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-data)',
    fontFeatureSettings: "'tnum', 'zero', 'liga' 0, 'calt' 0",
    fontSize: '12px',
    lineHeight: '20px',
    scrollbarWidth: 'thin',
    scrollbarColor: 'var(--line-3) transparent',
  },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 12px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '1px' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--accent-mid) !important' },
  ins: { color: 'var(--accent)', textDecoration: 'underline', textUnderlineOffset: '3px' },
  del: { color: 'var(--text-3)', textDecoration: 'line-through', padding: '0 2px' },
  '.escaped': { color: 'var(--text-3)' },
  '.line-end': {
    display: 'inline-flex',
    height: '13px',
    margin: '0 1px',
    verticalAlign: 'middle',
    position: 'relative',
    top: '-1px',
    borderRadius: '2px',
    boxShadow: 'inset 0 0 0 1px var(--line-2)',
    font: '500 9px/13px var(--font-data)',
    color: 'var(--text-3)',
  },
  '.line-end > span': { padding: '0 2px' },
  '.line-end > span + span': { borderLeft: '1px solid var(--line-2)' },
  '.line-end.added': { boxShadow: 'inset 0 0 0 1px var(--accent-mid)', color: 'var(--accent)' },
})

/** Line breaks of a pasted text become line ends of the chunk; those that only follow one stay what they are. */
const withLineEnds = (text: string, lineEnd: string): string =>
  text.replace(/(\\r\\n|\\n|\\r)?\r?\n/g, (_, own: string | undefined) => `${own ?? lineEnd}\n`)

/** Puts an editor into `host`, which must be empty and stays the caller's. */
export const createChunkEditor = (host: HTMLElement, options: ChunkEditorOptions): ChunkEditor => {
  const { mode, original } = options
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const draw = drawingOf(
    mode,
    tokensOf(original, mode).map(({ text }) => text),
  )
  const drawn = StateField.define<Drawn>({
    create: (state) => draw(state.doc.toString()),
    update: (value, transaction) => (transaction.docChanged ? draw(transaction.state.doc.toString()) : value),
    provide: (field) => [
      EditorView.decorations.from(field, (value) => value.decorations),
      EditorView.atomicRanges.of((view) => view.state.field(field).atoms),
    ],
  })
  const lineEnd = original.includes('\\r\\n') || !original.includes('\\n') ? '\\r\\n' : '\\n'
  const breakLine = (view: EditorView) => {
    view.dispatch(view.state.replaceSelection(mode === 'text' ? `${lineEnd}\n` : '\n'), { scrollIntoView: true })
    return true
  }
  const leave = () => {
    options.onLeave()
    return true
  }
  const forward = () => {
    options.onForward()
    return true
  }
  const view = new EditorView({
    doc: options.text,
    root,
    parent: root as unknown as Element,
    extensions: [
      theme,
      drawn,
      history(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': options.label, 'aria-multiline': 'true', spellcheck: 'false' }),
      keymap.of([
        // The sheet around it has other uses for these.
        { key: 'Mod-Enter', run: forward, stopPropagation: true },
        { key: 'Escape', run: leave, stopPropagation: true },
        { key: 'Enter', run: breakLine },
        ...defaultKeymap,
        ...historyKeymap,
      ]),
      mode === 'text' ? EditorView.clipboardInputFilter.of((text) => withLineEnds(text, lineEnd)) : [],
      EditorView.domEventHandlers({
        // See the lessons' editor: the page's policy refuses the inline styles that Chromium would write here.
        beforeinput(event, editor) {
          if (event.inputType !== 'insertText' || event.data === null || event.isComposing) return false
          if (editor.state.selection.main.empty) return false
          event.preventDefault()
          editor.dispatch(editor.state.replaceSelection(event.data))
          return true
        },
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) options.onChange(update.state.doc.toString())
      }),
      EditorState.tabSize.of(8),
    ],
  })
  return {
    focus: () => view.focus(),
    dispose: () => view.destroy(),
  }
}

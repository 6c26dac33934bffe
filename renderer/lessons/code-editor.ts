// The code pane's editor, without React: shows a lesson's text with the line that runs and who waits where, and lets it be
// changed. Counterpart: code-pane.tsx. It lives in a shadow root, because there the library may add its style sheets as
// objects; in the page itself it would need inline styles, which the content security policy refuses.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  EditorView,
  GutterMarker,
  gutterLineClass,
  keymap,
  lineNumbers,
  WidgetType,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { LessonError } from '../../preload/contract/lessons.ts'

/** What is said beside a line. */
export interface LineNote {
  readonly line: number
  readonly text: string
  readonly runs: boolean
}

export interface CodeEditor {
  setText(text: string): void
  setNotes(notes: readonly LineNote[]): void
  setError(error: LessonError | null): void
  setEditable(editable: boolean, label: string): void
  focus(): void
  dispose(): void
}

const setNotes = StateEffect.define<readonly LineNote[]>()

class NoteMarker extends GutterMarker {
  override readonly elementClass: string
  constructor(elementClass: string) {
    super()
    this.elementClass = elementClass
  }
}
const markers = { runs: new NoteMarker('runs'), waits: new NoteMarker('waits') }

/** The words beside a line: at the right edge of what is in view, over the line's end where that reaches so far. */
class NoteWidget extends WidgetType {
  readonly text: string
  constructor(text: string) {
    super()
    this.text = text
  }
  override eq(other: NoteWidget): boolean {
    return other.text === this.text
  }
  override toDOM(): HTMLElement {
    const place = document.createElement('span')
    place.className = 'cm-note'
    place.append(document.createElement('span'))
    place.firstElementChild!.textContent = this.text
    return place
  }
}

/** The notes that stand beside lines, with the notes of one line put together. */
const byLine = (notes: readonly LineNote[], lines: number): readonly [number, LineNote[]][] => {
  const found = new Map<number, LineNote[]>()
  for (const note of notes) if (note.line <= lines) found.set(note.line, [...(found.get(note.line) ?? []), note])
  return [...found].sort(([a], [b]) => a - b)
}

const notesField = StateField.define<{ readonly lines: DecorationSet; readonly notes: readonly LineNote[] }>({
  create: () => ({ lines: Decoration.none, notes: [] }),
  update(value, transaction) {
    const effect = transaction.effects.find((each) => each.is(setNotes))
    if (effect === undefined) return transaction.docChanged ? { lines: Decoration.none, notes: [] } : value
    const builder = new RangeSetBuilder<Decoration>()
    for (const [line, notes] of byLine(effect.value, transaction.state.doc.lines)) {
      const { from, to } = transaction.state.doc.line(line)
      const text = notes.map((note) => note.text).join(', ')
      const runs = notes.some((note) => note.runs)
      builder.add(
        from,
        from,
        Decoration.line({ class: runs ? 'cm-runs' : 'cm-waits', attributes: { 'data-note': text } }),
      )
      builder.add(to, to, Decoration.widget({ widget: new NoteWidget(text), side: 1 }))
    }
    return { lines: builder.finish(), notes: effect.value }
  },
  provide: (field) => [
    EditorView.decorations.from(field, (value) => value.lines),
    gutterLineClass.compute([field], (state) => {
      const builder = new RangeSetBuilder<GutterMarker>()
      for (const [line, notes] of byLine(state.field(field).notes, state.doc.lines)) {
        const at = state.doc.line(line).from
        builder.add(at, at, notes.some((note) => note.runs) ? markers.runs : markers.waits)
      }
      return builder.finish()
    }),
  ],
})

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--phase-poll)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--phase-prepare)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--sent)' },
  { tag: tags.comment, color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.className], color: 'var(--text-2)' },
])

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', background: 'var(--bg-canvas)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-data)',
    fontFeatureSettings: "'zero', 'liga' 0, 'calt' 0",
    fontSize: '14px',
    lineHeight: '22px',
    scrollbarWidth: 'thin',
    scrollbarColor: 'var(--line-3) transparent',
  },
  '.cm-content': { padding: '12px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 16px 0 8px', position: 'relative' },
  '.cm-gutters': { background: 'transparent', border: 'none', color: 'var(--text-3)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 16px', minWidth: '40px' },
  '.cm-gutterElement.runs': {
    color: 'var(--text)',
    background: 'var(--accent-soft)',
    boxShadow: 'inset 3px 0 0 var(--accent)',
  },
  '.cm-line.cm-runs': { background: 'var(--accent-soft)' },
  // Without a width of its own, so that it stays on its line however long that is.
  '.cm-note': { position: 'sticky', right: '16px', float: 'right', width: '0', height: '22px' },
  '.cm-note > span': {
    position: 'absolute',
    right: '0',
    padding: '0 4px 0 8px',
    font: '400 12px/22px var(--font-ui)',
    whiteSpace: 'nowrap',
    color: 'var(--text-3)',
    background: 'var(--bg-canvas)',
  },
  '.cm-line.cm-runs .cm-note > span': { color: 'var(--accent)', background: 'var(--accent-soft)' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--accent-mid) !important' },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--bg-active)', outline: '1px solid var(--line-3)' },
  '.cm-lintRange-error': { background: 'none', textDecoration: 'underline wavy var(--err-mark)' },
  '.cm-gutter-lint': { width: '16px' },
  '.cm-tooltip': {
    background: 'var(--bg-raise)',
    border: '1px solid var(--line-2)',
    color: 'var(--text)',
    font: '400 12px/18px var(--font-ui)',
  },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--err-mark)', padding: '4px 8px' },
})

export interface CodeEditorEvents {
  onChange(text: string): void
  onRun(): void
}

/** Puts an editor into `host`, which must be empty and stays the caller's. */
export const createCodeEditor = (host: HTMLElement, events: CodeEditorEvents): CodeEditor => {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const editable = new Compartment()
  let quiet = false
  const modeOf = (on: boolean, label: string) => [
    EditorState.readOnly.of(!on),
    EditorView.editable.of(on),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    on ? [history(), bracketMatching(), indentOnInput(), lintGutter()] : [],
  ]
  const run = () => {
    events.onRun()
    return true
  }
  const view = new EditorView({
    root,
    parent: root as unknown as Element,
    extensions: [
      lineNumbers(),
      javascript({ typescript: true }),
      syntaxHighlighting(colours),
      theme,
      notesField,
      EditorState.tabSize.of(2),
      keymap.of([{ key: 'Mod-Enter', run }, indentWithTab, ...defaultKeymap, ...historyKeymap]),
      EditorView.domEventHandlers({
        // Left to itself, Chromium marks up what it puts in place of a selection with inline styles, which the page's policy
        // refuses and reports.
        beforeinput(event, editor) {
          if (event.inputType !== 'insertText' || event.data === null || event.isComposing) return false
          if (editor.state.readOnly || editor.state.selection.main.empty) return false
          event.preventDefault()
          editor.dispatch(editor.state.replaceSelection(event.data))
          return true
        },
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !quiet) events.onChange(update.state.doc.toString())
      }),
      editable.of(modeOf(false, '')),
    ],
  })
  return {
    setText(text) {
      if (text === view.state.doc.toString()) return
      quiet = true
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
      quiet = false
    },
    setNotes(notes) {
      const lit = notes.find((note) => note.runs && note.line <= view.state.doc.lines)
      view.dispatch({
        effects: [
          setNotes.of(notes),
          ...(lit === undefined
            ? []
            : [EditorView.scrollIntoView(view.state.doc.line(lit.line).from, { yMargin: 44 })]),
        ],
      })
    },
    setError(error) {
      const { doc } = view.state
      const line = error?.line === undefined || error.line > doc.lines ? null : doc.line(error.line)
      const from = line === null ? 0 : Math.min(line.to, line.from + (error?.column ?? 1) - 1)
      const to = line === null ? 0 : Math.max(from, line.to)
      view.dispatch(
        setDiagnostics(
          view.state,
          error === null || line === null ? [] : [{ from, to, severity: 'error', message: error.message }],
        ),
      )
    },
    setEditable(on, label) {
      host.dataset['editor'] = on ? 'on' : 'off'
      view.dispatch({ effects: editable.reconfigure(modeOf(on, label)) })
    },
    focus: () => view.focus(),
    dispose: () => view.destroy(),
  }
}

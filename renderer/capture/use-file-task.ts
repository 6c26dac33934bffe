// One thing at a time that is done to a capture file: asked about, done, and told of, in place. Counterparts: actions.tsx
// (what there is), task-panel.tsx (how it looks).
import { useState } from 'react'
import type { CaptureFileInfo, CheckReport } from '../../preload/contract/captures.ts'
import { useCommands } from '../link/link.ts'
import { linkStatusStore } from '../stores/link-status.ts'
import { copyName } from './file-name.ts'

export type TaskName = 'save' | 'check' | 'compact' | 'delete'

export type TaskState =
  | { readonly at: 'naming' }
  | { readonly at: 'asking' }
  | { readonly at: 'running'; readonly task: TaskName }
  /** `task`: what to try again. */
  | { readonly at: 'failed'; readonly task: TaskName; readonly message: string }
  | { readonly at: 'saved'; readonly copy: CaptureFileInfo }
  | { readonly at: 'checked'; readonly report: CheckReport }
  | { readonly at: 'compacted'; readonly gainedBytes: number }

export interface FileTask {
  readonly state: TaskState | null
  /** Begins with a question, where there is one. */
  begin(task: TaskName): void
  save(name: string): Promise<void>
  delete(): Promise<void>
  /** Puts the question, or the report, away. */
  close(): void
}

/** `changed` is called when a file is there, gone, or of another size. */
export const useFileTask = (file: CaptureFileInfo | null, changed: (deleted: string | null) => void): FileTask => {
  const commands = useCommands()
  const [state, setState] = useState<TaskState | null>(null)
  // A menu or a button that was drawn for another file has nothing to do any more.
  if (file === null)
    return {
      state: null,
      begin: () => undefined,
      save: async () => undefined,
      delete: async () => undefined,
      close: () => undefined,
    }
  const capture = file.id

  const save = async (name: string) => {
    setState({ at: 'running', task: 'save' })
    const saved = await commands.saveCapture({ capture, name })
    if (!saved.ok) setState({ at: 'failed', task: 'save', message: saved.failure.message })
    // The person thought better of it.
    else if (saved.value === null) setState(null)
    else {
      setState({ at: 'saved', copy: saved.value })
      changed(null)
    }
  }
  const check = async () => {
    setState({ at: 'running', task: 'check' })
    const checked = await commands.checkCapture({ capture })
    setState(
      checked.ok
        ? { at: 'checked', report: checked.value }
        : { at: 'failed', task: 'check', message: checked.failure.message },
    )
    if (checked.ok && checked.value.problems.length > 0) changed(null)
  }
  const compact = async () => {
    setState({ at: 'running', task: 'compact' })
    const compacted = await commands.compactCapture({ capture })
    setState(
      compacted.ok
        ? { at: 'compacted', gainedBytes: compacted.value }
        : { at: 'failed', task: 'compact', message: compacted.failure.message },
    )
    if (compacted.ok) changed(null)
  }

  return {
    state,
    begin(task) {
      if (state?.at === 'running') return
      if (task === 'check') void check()
      else if (task === 'compact') void compact()
      else if (task === 'delete') setState({ at: 'asking' })
      // The desktop asks for the place as well, in its own dialog.
      else if (linkStatusStore.getState().host?.kind === 'desktop') void save(`${copyName(file.name)}.wireloop`)
      else setState({ at: 'naming' })
    },
    save,
    async delete() {
      setState({ at: 'running', task: 'delete' })
      const deleted = await commands.deleteCapture({ capture })
      setState(deleted.ok ? null : { at: 'failed', task: 'delete', message: deleted.failure.message })
      if (deleted.ok) changed(file.name)
    },
    close: () => setState(null),
  }
}

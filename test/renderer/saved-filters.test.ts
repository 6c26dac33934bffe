// Filters and highlight rules on their way into a real workspace, from pages of both kinds. Counterparts:
// renderer/highlights/saved.ts, stores/workspace.ts, main/workspace.
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createWorkspace } from '../../main/workspace/workspace.ts'
import { workspaceCommands } from '../../main/workspace/workspace-commands.ts'
import { addRule, saveFilter } from '../../renderer/highlights/saved.ts'
import { connectWorkspace, workspaceStore } from '../../renderer/stores/workspace.ts'

describe('Saved filters and highlight rules', () => {
  it('are kept by a page that came over plain HTTP, where the browser makes no UUIDs', async () => {
    const ownCrypto = globalThis.crypto
    vi.stubGlobal('crypto', { getRandomValues: ownCrypto.getRandomValues.bind(ownCrypto) })
    onTestFinished(() => void vi.unstubAllGlobals())
    connectWorkspace(workspaceCommands(createWorkspace(null), true))
    expect(await saveFilter('errors', 'kind:connection-failed')).toEqual({ ok: true, value: null })
    expect(await addRule('kind:data-sent')).toEqual({ ok: true, value: null })
    const { filters, highlights } = workspaceStore.getState().parts
    expect(filters).toMatchObject([{ name: 'errors', filter: 'kind:connection-failed' }])
    expect(highlights).toMatchObject([{ filter: 'kind:data-sent', on: true }])
  })
})

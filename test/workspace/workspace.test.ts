// The workspace on disk: written in one step, a part at a time, read by people, and never lost silently.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createWorkspace } from '../../main/workspace/workspace.ts'
import { workspaceCommands } from '../../main/workspace/workspace-commands.ts'
import type { EndpointSpec } from '../../preload/contract/vocabulary.ts'
import { endpointKey, type SavedMessage, type Sequence } from '../../preload/contract/workspace.ts'
import { maxSavedText, workspaceLimits } from '../../preload/contract/workspace-checks.ts'
import { formatWorkspace, parseWorkspace } from '../../preload/contract/workspace-document.ts'
import { mergeMessages } from '../../renderer/library/transfer.ts'
import { expectOk, startWorkbench } from '../support/engine.ts'

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'wireloop-workspace-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const message = (id: string, change: Partial<SavedMessage> = {}): SavedMessage => ({
  id,
  name: id,
  folder: '',
  key: null,
  target: null,
  text: 'PING',
  mode: 'text',
  encoding: 'utf-8',
  ending: 'crlf',
  ...change,
})

const sequence: Sequence = {
  id: 's',
  name: 'login',
  target: { endpoint: 'client 127.0.0.1:6379', side: null, name: 'redis' },
  steps: [
    { kind: 'send', name: 'auth', text: 'AUTH x', mode: 'text', encoding: 'euc-kr', ending: 'crlf' },
    { kind: 'expect', name: '', pattern: { match: 'prefix', text: '+OK' }, timeoutMs: 10 },
    { kind: 'delay', name: '', delayMs: 0 },
    { kind: 'assert', name: '', pattern: { match: 'hex', text: '2b ??' }, matches: false },
    { kind: 'close', name: '', how: 'reset' },
  ],
}

const listener: EndpointSpec = {
  role: 'listener',
  name: 'echo',
  host: '::1',
  port: 0,
  reply: 'echo',
  greeting: Uint8Array.of(0x32, 0x0d, 0x0a, 0x00, 0xff),
}

describe('A workspace', () => {
  it('begins empty, and makes its file and folder when something is kept', async () => {
    const path = join(folder(), 'new', 'workspace.json')
    const workspace = createWorkspace(path)
    expect(await workspace.read()).toMatchObject({ path, problem: null, parts: { messages: [], sequences: [] } })
    expect(existsSync(path)).toBe(false)
    expect(await workspace.write({ part: 'messages', value: [message('a')], revision: 0 })).toEqual({
      ok: true,
      value: 1,
    })
    expect((await createWorkspace(path).read()).parts.messages).toEqual([message('a')])
  })

  it('is a document that people can read, with bytes as text, and keeps every part of it', async () => {
    const path = join(folder(), 'workspace.json')
    const workspace = createWorkspace(path)
    await workspace.write({ part: 'sequences', value: [sequence], revision: 0 })
    await workspace.write({ part: 'endpoints', value: [{ id: 'e', spec: listener }], revision: 0 })
    await workspace.write({ part: 'filters', value: [{ name: 'big', bytes: 'size>10' }], revision: 0 })
    const text = readFileSync(path, 'utf8')
    expect(text).toContain('"format": "wireloop-workspace"')
    expect(text).toContain('"bytes": "2\\\\r\\\\n\\\\0\\\\xff"')
    const { parts } = await createWorkspace(path).read()
    expect(parts.sequences).toEqual([sequence])
    expect(parts.endpoints).toEqual([{ id: 'e', spec: listener }])
    expect(parts.filters).toEqual([{ name: 'big', bytes: 'size>10' }])
    // Nobody else's business.
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('refuses who has not seen the latest of a part, and loses the work of neither', async () => {
    const path = join(folder(), 'workspace.json')
    // Two processes of one person.
    const [one, other] = [createWorkspace(path), createWorkspace(path)]
    await one.write({ part: 'messages', value: [message('a')], revision: 0 })
    expect(await other.write({ part: 'messages', value: [message('b')], revision: 0 })).toMatchObject({
      ok: false,
      failure: { code: 'stale' },
    })
    // Another part is another matter.
    expect(await other.write({ part: 'sequences', value: [sequence], revision: 0 })).toEqual({ ok: true, value: 1 })
    const { parts, revisions } = await other.read()
    const value = [...parts.messages, message('b')]
    expect(await other.write({ part: 'messages', value, revision: revisions.messages })).toEqual({ ok: true, value: 2 })
    expect((await one.read()).parts).toMatchObject({ messages: value, sequences: [sequence] })
  })

  it('takes one of several writes at the same time, and leaves nothing else behind', async () => {
    const place = folder()
    const workspace = createWorkspace(join(place, 'workspace.json'))
    const writes = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        workspace.write({ part: 'messages', value: [message(`m${i}`)], revision: 0 }),
      ),
    )
    expect(writes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(readdirSync(place)).toEqual(['workspace.json'])
  })

  it('keeps a damaged document aside, says so, and begins anew', async () => {
    const place = folder()
    const path = join(place, 'workspace.json')
    writeFileSync(path, '{"format":"wireloop-workspace","version":1,"mess')
    const workspace = createWorkspace(path)
    const { problem, parts } = await workspace.read()
    expect(parts.messages).toEqual([])
    expect(problem).toMatchObject({ code: 'damaged', message: expect.stringContaining('It is kept as') })
    const aside = readdirSync(place).find((name) => name.startsWith('workspace.json.damaged-'))
    expect(readFileSync(join(place, aside!), 'utf8')).toContain('"mess')
    expect(problem?.message).toContain(aside)
    // It is set aside once, and goes on being said.
    expect((await workspace.read()).problem).toEqual(problem)
    expect(readdirSync(place)).toHaveLength(2)
    expect((await workspace.write({ part: 'messages', value: [message('a')], revision: 0 })).ok).toBe(true)
  })

  it('keeps the parts that are whole where one is damaged', async () => {
    const place = folder()
    const path = join(place, 'workspace.json')
    const whole = JSON.parse(formatWorkspace({ messages: [message('a')], sequences: [sequence] }))
    writeFileSync(path, JSON.stringify({ ...whole, sequences: [{ id: 's', name: 7 }] }))
    const { parts, problem } = await createWorkspace(path).read()
    expect(parts.messages).toEqual([message('a')])
    expect(parts.sequences).toEqual([])
    expect(problem?.message).toContain('sequences.0.name: A name is text')
    expect(readdirSync(place)).toHaveLength(2)
  })

  it('leaves the document of a newer Wireloop alone', async () => {
    const path = join(folder(), 'workspace.json')
    const newer = '{"format":"wireloop-workspace","version":99,"everything":"else"}'
    writeFileSync(path, newer)
    const workspace = createWorkspace(path)
    expect((await workspace.read()).problem).toMatchObject({ code: 'newer' })
    expect(await workspace.write({ part: 'messages', value: [], revision: 0 })).toMatchObject({ ok: false })
    expect(readFileSync(path, 'utf8')).toBe(newer)
  })

  it('says why it cannot be written, and what was there stays', async () => {
    const place = folder()
    // A folder stands where the file should be.
    const workspace = createWorkspace(place)
    const { problem } = await workspace.read()
    expect(problem).toMatchObject({ code: 'not-read', message: expect.stringContaining(place) })
    expect(await workspace.write({ part: 'messages', value: [], revision: 0 })).toMatchObject({
      ok: false,
      failure: { code: 'not-read' },
    })
  })

  it('is bounded as a whole', async () => {
    const path = join(folder(), 'workspace.json')
    const workspace = createWorkspace(path)
    const large = Array.from({ length: 17 }, (_, i) => message(`m${i}`, { text: 'x'.repeat(maxSavedText) }))
    expect(await workspace.write({ part: 'messages', value: large, revision: 0 })).toMatchObject({
      ok: false,
      failure: { code: 'too-large' },
    })
    expect(existsSync(path)).toBe(false)
  })
})

describe('An imported document', () => {
  it('is refused where it is none, or where parts of it are wrong', () => {
    expect(parseWorkspace('[]')).toMatchObject({ ok: false, failure: { code: 'not-a-workspace' } })
    const tooMany = Array.from({ length: workspaceLimits.messages + 1 }, (_, i) => message(`m${i}`))
    const opened = parseWorkspace(formatWorkspace({ messages: tooMany }))
    expect(opened.ok && opened.value.damaged).toEqual(['messages: At most 2000 messages are kept'])
    const twins = parseWorkspace(formatWorkspace({ messages: [message('a', { key: 1 }), message('b', { key: 1 })] }))
    expect(twins.ok && twins.value.damaged).toEqual(['messages: Two messages have the same key'])
  })

  it('adds to what is there; of one id, and of one key, its own holds', () => {
    const kept = [message('a', { key: 1 }), message('b', { key: 2 }), message('c')]
    const added = [message('c', { name: 'new c', key: 1 })]
    expect(mergeMessages(kept, added)).toEqual([message('a'), message('b', { key: 2 }), added[0]])
  })
})

describe('An endpoint’s key', () => {
  it('is the same in every session: role and addresses, and the name where any port will do', () => {
    expect(endpointKey(listener)).toBe('listener [::1]:0 echo')
    expect(endpointKey({ ...listener, port: 7 })).toBe('listener [::1]:7')
    expect(endpointKey({ role: 'client', name: 'x', host: 'localhost', port: 6379, connectTimeoutMs: 1 })).toBe(
      'client localhost:6379',
    )
    expect(
      endpointKey({
        role: 'relay',
        name: 'api',
        host: '127.0.0.1',
        port: 8080,
        upstreamHost: '::1',
        upstreamPort: 80,
        connectTimeoutMs: 1,
      }),
    ).toBe('relay 127.0.0.1:8080 > [::1]:80')
  })
})

describe('A page', () => {
  it('is told of parts that are written, and of no file where it may be elsewhere', async () => {
    const { workbench } = await startWorkbench({ takesKeys: false })
    const { createPageSession } = await import('../../main/page-session.ts')
    const told: unknown[] = []
    const session = createPageSession(workbench, (posted) => {
      if (posted.type === 'workspace') told.push(posted)
    })
    onTestFinished(() => session.dispose())
    session.receive({ type: 'subscribe', fromSeq: 0 })
    const write = { part: 'messages', value: [message('a')], revision: 0 }
    expect(expectOk(await session.invoke('writeWorkspacePart', write))).toBe(1)
    expect(told).toEqual([{ type: 'workspace', part: 'messages', revision: 1 }])
    expect(expectOk(await session.invoke('readWorkspace', null))).toMatchObject({
      path: null,
      parts: { messages: [message('a')] },
      revisions: { messages: 1 },
    })
    expect(await session.invoke('readMessageFile', { path: '/etc/hostname' })).toMatchObject({
      ok: false,
      failure: { code: 'refused' },
    })
  })

  it('is given files, and nothing of devices, which may never end', async () => {
    const there = folder()
    writeFileSync(join(there, 'message'), 'PING')
    const { readMessageFile } = workspaceCommands(createWorkspace(null), true)
    expect(await readMessageFile({ path: join(there, 'message') })).toEqual({
      ok: true,
      value: new Uint8Array(Buffer.from('PING')),
    })
    for (const path of [there, '/dev/null'])
      expect(await readMessageFile({ path })).toMatchObject({
        ok: false,
        failure: { code: 'bad-argument', path: 'path', message: `${path} is no file` },
      })
  })
})

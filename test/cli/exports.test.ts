// `wireloop export`, `import`, `replay` and `completion` as processes of their own, on a capture that the command line made.
// Counterparts: main/cli/{export,import,replay,completion}.ts; test/export and test/import have the formats.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseLines, runWireloop, wireloop } from '../support/command-line.ts'
import { programPath, temporaryFolder } from '../support/peers.ts'

/** A capture of one echo of `text`, made by a listener; and another such listener's port, if it is asked for. */
const record = async (text: string): Promise<string> => {
  const file = join(temporaryFolder(), 'one.wireloop')
  const listener = wireloop(['listen', '0', '--json', '--reply', 'echo-close', '--count', '1', '--capture', file])
  const client = await runWireloop(['connect', `127.0.0.1:${await listener.port()}`, '--send', text])
  expect(client.code).toBe(0)
  await listener.ended
  return file
}

describe.skipIf(!isBuiltin('node:sqlite'))('A capture on the command line', () => {
  it('is exported, imported again as packets, and replayed', async () => {
    const file = await record('Hello World!')
    const folder = temporaryFolder()
    const at = (name: string) => join(folder, name)

    const one = ['--connection', '1', '--direction', 'received']
    const [packets, lines, raw, many, none] = await Promise.all([
      runWireloop(['export', file, '--format', 'pcapng', '-o', at('one.pcapng')]),
      runWireloop(['export', file, '--format', 'jsonl', '-o', '-', '--json']),
      runWireloop(['export', file, '--format', 'raw', '-o', '-', ...one]),
      runWireloop(['export', file, '--format', 'raw', '-o', at('raw')]),
      runWireloop(['export', file, '--format', 'raw', '--connection', '7']),
    ])
    expect([packets.code, packets.stdout]).toEqual([0, ''])
    expect(packets.stderr).toMatch(
      /^wireloop: \S+one\.pcapng has \d+ packets of 1 connections with 24 bytes of payload \(\d+ bytes in all\)\.\n$/,
    )
    const events = parseLines(lines.stdout)
    expect(events.find(({ kind }) => kind === 'data-received')).toMatchObject({
      data: Buffer.from('Hello World!').toString('base64'),
    })
    expect(JSON.parse(lines.stderr)).toMatchObject({
      kind: 'exported',
      file: '-',
      events: events.length,
      missingBytes: 0,
    })
    expect(raw.stdout).toBe('Hello World!')
    expect(many.code).toBe(0)
    expect(readFileSync(at('raw/connection-1-sent.bin'), 'utf8')).toBe('Hello World!')
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/has no connection 7/)])

    const target = wireloop(['listen', '0', '--json', '--quiet', '--reply', 'echo-close', '--count', '1'])
    const [again, imported] = await Promise.all([
      runWireloop(['export', file, '--format', 'pcapng', '-o', at('one.pcapng')]),
      runWireloop(['import', at('one.pcapng'), '-o', at('back.wireloop'), '--json']),
    ])
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/exists already; --force replaces it/)])
    expect(imported.code).toBe(0)
    expect(JSON.parse(imported.stdout)).toMatchObject({
      kind: 'imported',
      connections: 1,
      payloadBytes: 24,
      problems: [],
    })
    const to = `127.0.0.1:${await target.port()}`
    const sent = ['--connection', '1', '--direction', 'sent', '--to', to, '--speed', '0']
    const replayed = await runWireloop(['replay', at('back.wireloop'), ...sent])
    expect([replayed.code, replayed.stderr]).toEqual([0, ''])
    expect(replayed.stdout).toMatch(
      /^12 of 12 bytes sent in [\d.]+ s; 12 bytes came back, 12 are recorded; the answers are the same\n$/,
    )
    await target.ended
    const nobody = await runWireloop(['replay', at('back.wireloop'), ...sent])
    expect([nobody.code, nobody.stdout]).toEqual([1, ''])
    expect(nobody.stderr).toMatch(/^wireloop: The target was not reached: .*ECONNREFUSED/)
  })

  it('replaces nothing that it is made of, nor anything before there is something else', async () => {
    const folder = temporaryFolder()
    const [capture, packets, text] = ['a.wireloop', 'a.pcap', 'text'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(text, 'no packets')
    // A SYN from 127.0.0.1:1000 to 127.0.0.1:80, in raw IP.
    const syn = '4500002800000000400600007f0000017f00000103e80050000000010000000050020000'.padEnd(80, '0')
    const header = 'd4c3b2a1020004000000000000000000ffff000065000000'
    writeFileSync(packets, Buffer.from(`${header}00f1536500000000${'28000000'.repeat(2)}${syn}`, 'hex'))
    const before = readFileSync(packets)
    const intoItself = await runWireloop(['import', packets, '-o', packets, '--force'])
    expect([intoItself.code, intoItself.stderr]).toEqual([1, expect.stringMatching(/is the packet capture itself/)])
    expect(readFileSync(packets)).toEqual(before)

    expect((await runWireloop(['import', packets, '-o', capture])).code).toBe(0)
    const kept = readFileSync(capture)
    const outOfText = await runWireloop(['import', text, '-o', capture, '--force'])
    expect([outOfText.code, outOfText.stderr]).toEqual([1, expect.stringMatching(/neither pcapng nor pcap/)])
    const overItself = await runWireloop(['export', capture, '--format', 'csv', '-o', capture, '--force'])
    expect([overItself.code, overItself.stderr]).toEqual([1, expect.stringMatching(/is the capture itself/)])
    expect(readFileSync(capture)).toEqual(kept)

    expect((await runWireloop(['import', packets, '-o', capture, '--force'])).code).toBe(0)
    expect((await runWireloop(['info', capture])).code).toBe(0)
    expect(readdirSync(folder).toSorted()).toEqual(['a.pcap', 'a.wireloop', 'text'])
  })

  it('is refused with a sentence where it is none', async () => {
    const text = join(temporaryFolder(), 'text')
    writeFileSync(text, 'no packets, no capture')
    const refused = [
      { args: ['export', text, '--format', 'csv', '-o', '-'], says: /is no Wireloop capture/ },
      { args: ['export', `${text}.gone`, '--format', 'csv'], says: /There is no file/ },
      { args: ['import', text, '-o', `${text}.wireloop`], says: /neither pcapng nor pcap/ },
      {
        args: ['replay', text, '--connection', '1', '--direction', 'sent', '--to', '9'],
        says: /is no Wireloop capture/,
      },
    ]
    const wrong = [
      ['export', text],
      ['export', text, '--format', 'pcap'],
      ['replay', text, '--connection', '0'],
    ]
    const [ended, usage] = await Promise.all([
      Promise.all(refused.map(({ args }) => runWireloop(args))),
      Promise.all(wrong.map((args) => runWireloop(args))),
    ])
    for (const [i, { code, stdout, stderr }] of ended.entries()) {
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(refused[i]!.says)
    }
    expect(usage.map(({ code }) => code)).toEqual([2, 2, 2])
    expect(existsSync(`${text}.wireloop`)).toBe(false)
  })
})

describe('Shell completion', () => {
  it('knows every command, its options and their words', async () => {
    const scripts = await Promise.all(['bash', 'zsh', 'fish'].map((shell) => runWireloop(['completion', shell])))
    for (const { code, stdout } of scripts) {
      expect(code).toBe(0)
      for (const word of ['listen', 'export', 'completion', 'pcapng jsonl csv raw yaml']) expect(stdout).toContain(word)
    }
    expect((await runWireloop(['completion', 'cmd'])).code).toBe(2)
    if (programPath('bash') === null) return
    const ask = `${scripts[0]!.stdout}
      ask() { COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _wireloop; echo "\${COMPREPLY[@]}"; }
      ask wireloop exp; ask wireloop export --forma; ask wireloop export x --format ya; ask wireloop listen 0 --repl`
    const told = execFileSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' })
    expect(told.trim().split('\n')).toEqual(['export', '--format', 'yaml', '--reply'])
  })
})

// The command line as it is installed: the built file, by the Node that the project brings and by the machine's own.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { runWireloop, wireloop } from '../support/command-line.ts'
import { temporaryFolder } from '../support/peers.ts'

const root = join(import.meta.dirname, '../..')
const entry = join(root, manifest.bin.wireloop)

/** The first Node on the path that the project did not bring; null where there is none new enough. */
const machineNode = (): string | null => {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(folder, 'node')
    if (folder.includes('node_modules') || !existsSync(node)) continue
    const [major = 0, minor = 0] = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
      .stdout.split('.')
      .map(Number)
    return major > 20 || (major === 20 && minor >= 18) ? node : null
  }
  return null
}

const nodes = [process.execPath, machineNode()].filter((node) => node !== null)

it('is a program: it starts with a hashbang', () => {
  expect(readFileSync(entry, 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node')
})

it.each(nodes)('by %s: a relay between its own client and listener, with its own engine thread each', async (node) => {
  const options = { entry, node }
  const listener = wireloop(['listen', '0', '--json', '--reply', 'echo-close', '--count', '1'], options)
  const relay = wireloop(['relay', '0', `127.0.0.1:${await listener.port()}`, '--json'], options)
  const client = await runWireloop(
    ['connect', `127.0.0.1:${await relay.port()}`, '--json', '--send', 'Hello World!'],
    options,
  )
  expect(client).toMatchObject({ code: 0, stderr: '' })
  expect(client.stdout).toContain(`"data":"${Buffer.from('Hello World!').toString('base64')}"`)
  expect(await listener.ended).toMatchObject({ code: 0, stderr: '' })
  relay.process.kill('SIGINT')
  expect(await relay.ended).toMatchObject({ code: 0, stderr: '' })
})

const hasSqlite = (node: string): boolean =>
  spawnSync(node, ['-p', "require('node:module').isBuiltin('node:sqlite')"], { encoding: 'utf8' }).stdout.trim() ===
  'true'

it.each(nodes)(
  'by %s: records to a file and tells what it holds, or says in one line which Node that needs',
  async (node) => {
    const options = { entry, node }
    const file = join(temporaryFolder(), 'built.wireloop')
    const recorded = await runWireloop(['listen', '0', '--quiet', '--max-time', '0.5', '--capture', file], options)
    const told = await runWireloop(['info', file], options)
    if (hasSqlite(node)) {
      expect(recorded).toMatchObject({ code: 0, stderr: '' })
      expect(told).toMatchObject({ code: 0, stderr: '' })
      expect(told.stdout).toMatch(/^events +2, 0 dropped$/m)
      return
    }
    const needed = /^wireloop: Capture files need Node\.js 22\.13 or newer; this is [\d.]+\n$/
    for (const { code, stdout, stderr } of [recorded, told, await runWireloop(['open', file, '--no-open'], options)]) {
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(needed)
    }
    expect(existsSync(file)).toBe(false)
  },
)

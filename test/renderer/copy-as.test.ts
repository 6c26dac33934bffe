// Bytes in the notations of programs and shells: real shells are asked what the commands send. Counterparts:
// renderer/export/copy-as.ts, selected-bytes.ts.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { copyAs, maxCommandBytes, maxCopyBytes, printfOf } from '../../renderer/export/copy-as.ts'
import { bytesBefore } from '../../renderer/export/selected-bytes.ts'
import { programPath } from '../support/peers.ts'

const target = { host: '127.0.0.1', port: 8888 }
const bytes = (text: string) => Buffer.from(text, 'latin1')
const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i)

/** What a program would take for an order, were it not data. */
const hostile = [
  "'; touch broken; '",
  '"; touch broken; "',
  '$(touch broken)',
  '`touch broken`',
  '\n touch broken \n',
  '-n -e %s%n%d \\n \\x41 \\101 !! ~ *',
  '--help',
  "'\\''",
]

const shells = ['sh', 'bash', 'dash', 'zsh', 'ksh'].filter((shell) => programPath(shell) !== null)

describe.skipIf(shells.length === 0)('A command for the shell', () => {
  it.each(shells)('sends in %s just these bytes, whatever they are, and runs nothing of them', (shell) => {
    const folder = mkdtempSync(join(tmpdir(), 'wireloop-shell-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const samples = [everyByte, ...hostile.map(bytes), new Uint8Array(0)]
    const random = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 60 }), { numRuns: 30, seed: 5 })
    const all = [...samples, ...random]
    // One shell for all of them: what each wrote goes into a file of its own.
    const script = all.map((each, i) => `${printfOf(each)} >out${i}`).join('\n')
    writeFileSync(join(folder, 'script'), script, 'latin1')
    execFileSync(shell, ['script'], { cwd: folder, stdio: 'pipe' })
    for (const [i, each] of all.entries()) expect(readFileSync(join(folder, `out${i}`))).toEqual(Buffer.from(each))
    expect(() => readFileSync(join(folder, 'broken'))).toThrow(/ENOENT/)
  })

  it('names the target as ncat and socat want it', () => {
    expect(copyAs('ncat', bytes('hi\n'), target)).toBe("printf 'hi\\012' | ncat 127.0.0.1 8888")
    expect(copyAs('socat', bytes('hi'), target)).toBe("printf 'hi' | socat - 'TCP:127.0.0.1:8888'")
    expect(copyAs('socat', bytes('hi'), { host: '::1', port: 80 })).toBe("printf 'hi' | socat - 'TCP6:[::1]:80'")
    expect(copyAs('ncat', bytes(''), { host: "a';id;'", port: 1 })).toBe("printf '' | ncat 'a'\\'';id;'\\''' 1")
  })

  it('has no more bytes than a line of a terminal takes', () => {
    const large = new Uint8Array(maxCommandBytes + 100).fill(65)
    expect(copyAs('ncat', large, target).match(/A/g)).toHaveLength(maxCommandBytes)
    expect(copyAs('base64', new Uint8Array(maxCopyBytes + 3), target)).toHaveLength(Math.ceil(maxCopyBytes / 3) * 4)
  })
})

describe('Bytes in source code', () => {
  it.skipIf(programPath('python3') === null)('are the same bytes in Python, and nothing else', () => {
    const literals = [everyByte, ...hostile.map(bytes)].map((each) => copyAs('python', each, target))
    const script = `import sys\nfor each in [${literals.join(',')}]: print(each.hex())`
    const told = execFileSync('python3', ['-c', script], { encoding: 'utf8' }).trim().split('\n')
    expect(told).toEqual([everyByte, ...hostile.map(bytes)].map((each) => Buffer.from(each).toString('hex')))
  })

  it('are an array in C, and text, hex, escapes and base64 elsewhere', () => {
    const few = Uint8Array.of(0x41, 0x0d, 0x0a, 0xff)
    expect(copyAs('c', few, target)).toBe('static const unsigned char bytes[4] = {\n  0x41, 0x0d, 0x0a, 0xff,\n};')
    expect(copyAs('c', new Uint8Array(13), target).split('\n')).toHaveLength(4)
    expect(copyAs('hex', few, target)).toBe('41 0D 0A FF')
    expect(copyAs('escaped', few, target)).toBe('A\\r\\n\\xff')
    expect(copyAs('base64', few, target)).toBe('QQ0K/w==')
    expect(copyAs('text', Buffer.from('grün'), target)).toBe('grün')
  })
})

describe('Marked columns of the dump', () => {
  it('mean the bytes that begin before them', () => {
    // "2B 50 4F 4E  47 0D 0A 24"
    const begins = [0, 3, 6, 9, 13, 16, 19, 22]
    for (let column = 0; column <= 24; column++)
      expect(bytesBefore(column)).toBe(begins.filter((begin) => begin < column).length)
  })
})

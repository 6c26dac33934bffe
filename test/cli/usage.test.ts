// The words of the command line: what is wrong usage (2, with a sentence that says what would be right), help and version.
import { expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { runWireloop } from '../support/command-line.ts'

const commands = ['listen', 'connect', 'relay', 'serve', 'open', 'info']
/** They tell what there is, and end. */
const endByThemselves = ['info']

it.each([
  { words: ['listen'], says: /missing required argument/ },
  { words: ['listen', '70000'], says: /70000.*0 to 65535/ },
  { words: ['listen', 'a b:80'], says: /Host “a b” is not a name or an address/ },
  { words: ['listen', '::1:80'], says: /\[::1\]:80/ },
  { words: ['listen', '0', 'extra'], says: /too many arguments/ },
  { words: ['listen', '0', '--reply', 'shout'], says: /echo, echo-close, discard, none/ },
  { words: ['listen', '0', '--greeting', '\\xZ1'], says: /two hex digits.*character 1/ },
  { words: ['listen', '0', '--greeting'], says: /argument missing/ },
  { words: ['listen', '0', '--count', '0'], says: /whole number of 1 or more/ },
  { words: ['listen', '0', '--count', '1.5'], says: /whole number of 1 or more/ },
  { words: ['listen', '0', '--max-time', '-1'], says: /number of seconds/ },
  { words: ['listen', '0', '--max-time', 'soon'], says: /number of seconds/ },
  { words: ['listen', '0', '--max-time', '99999999'], says: /up to 2147483/ },
  { words: ['listen', '0', '--upside-down'], says: /unknown option/ },
  { words: ['connect'], says: /missing required argument/ },
  { words: ['connect', '127.0.0.1:0'], says: /only makes sense for listening/ },
  { words: ['connect', '127.0.0.1:80', '--eol', 'lfcr'], says: /none, lf, cr, crlf/ },
  { words: ['connect', '127.0.0.1:80', '--send', 'a\\'], says: /backslash stands at the end.*character 2/ },
  { words: ['connect', '127.0.0.1:80', '--until', 'forever'], says: /closed, bytes=N or idle=MS/ },
  { words: ['connect', '127.0.0.1:80', '--until', 'bytes=0'], says: /whole number of 1 or more/ },
  { words: ['connect', '127.0.0.1:80', '--until', 'idle=1s'], says: /whole number of 1 or more/ },
  { words: ['connect', '127.0.0.1:80', '--until', 'idle=2147483648'], says: /at most 2147483647 ms/ },
  { words: ['connect', '127.0.0.1:80', '--until', 'idle=9007199254740991'], says: /at most 2147483647 ms/ },
  { words: ['listen', '0', '--force'], says: /--force is of use with --capture FILE only/ },
  { words: ['relay', '0', '1', '--wait-for-capture'], says: /--wait-for-capture is of use with --capture FILE only/ },
  { words: ['listen', '0', '--capture'], says: /argument missing/ },
  { words: ['serve', '--no-capture', '--captures', 'x'], says: /cannot be used with/ },
  { words: ['open'], says: /missing required argument/ },
  { words: ['info'], says: /missing required argument/ },
  { words: ['relay', '0'], says: /missing required argument/ },
  { words: ['relay', '0', 'upstream'], says: /HOST:PORT|not a whole number/ },
  { words: ['serve', '--port', 'x'], says: /0 to 65535/ },
  { words: ['serve', '--host', 'a/b'], says: /not a name or an address/ },
  { words: ['shout'], says: /unknown command/ },
  { words: [], says: /Usage: wireloop/ },
])('wireloop $words is wrong usage: exit code 2, one sentence, nothing on standard output', async ({ words, says }) => {
  const { code, stdout, stderr } = await runWireloop(words)
  expect(stderr).toMatch(says)
  expect(stdout).toBe('')
  expect(code).toBe(2)
})

it.each([[], ...commands.map((command) => [command])])(
  'wireloop %s --help explains itself and exits 0',
  async (...words) => {
    const { code, stdout, stderr } = await runWireloop([...words, '--help'])
    expect(stdout).toContain(['Usage: wireloop', ...words].join(' '))
    expect(stderr).toBe('')
    expect(code).toBe(0)
    if (words.length === 0) for (const command of commands) expect(stdout).toContain(`  ${command}`)
    else for (const option of ['--json', '--help', '--version']) expect(stdout).toContain(option)
    for (const option of ['--quiet', '--max-time <SECONDS>'])
      if (words.length > 0 && !endByThemselves.includes(words[0]!)) expect(stdout).toContain(option)
  },
)

it.each([[], ...commands.map((command) => [command])])(
  'wireloop %s --version is that of the package',
  async (...words) => {
    const { code, stdout } = await runWireloop([...words, '--version'])
    expect(stdout).toBe(`${manifest.version}\n`)
    expect(code).toBe(0)
  },
)

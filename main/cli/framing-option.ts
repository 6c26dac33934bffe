// How the command line says where messages end: `--frame`, of listen, connect and relay. Counterpart:
// preload/contract/framing.ts (what it means).
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Framing } from '../../preload/contract/framing.ts'
import { escapedText, positiveCount } from './options.ts'

export interface FramingOptions {
  readonly frame?: Framing
}

const usage =
  'Use raw, line, delimiter=TEXT, length=4be (1, 2, 4 or 8 bytes, be or le; then ,offset=N and ,inclusive), fixed=N or idle=MS.'

const lengthFraming = (text: string): Framing => {
  const [number = '', ...more] = text.split(',')
  const parts = /^([1248])(be|le)?$/.exec(number)
  if (parts === null) throw new InvalidArgumentError(`“${number}” is no length. ${usage}`)
  let offset = 0
  let inclusive = false
  for (const each of more) {
    const at = /^offset=(\d{1,8})$/.exec(each)
    if (at !== null) offset = Number(at[1])
    else if (each === 'inclusive') inclusive = true
    else throw new InvalidArgumentError(`“${each}” is neither offset=N nor inclusive. ${usage}`)
  }
  const size = Number(parts[1]) as 1 | 2 | 4 | 8
  return { kind: 'length', size, endian: parts[2] === 'le' ? 'little' : 'big', offset, inclusive }
}

/** `line`, `delimiter=\0`, `length=4be,offset=0,inclusive`, `fixed=16`, `idle=50` or `raw`. */
export const framingText = (text: string): Framing => {
  const equals = text.indexOf('=')
  const kind = equals < 0 ? text : text.slice(0, equals)
  const value = equals < 0 ? null : text.slice(equals + 1)
  if (value === null && (kind === 'raw' || kind === 'line')) return { kind }
  if (value === null) throw new InvalidArgumentError(`“${text}” is no framing. ${usage}`)
  switch (kind) {
    case 'delimiter': {
      const delimiter = escapedText(value)
      if (delimiter.length === 0) throw new InvalidArgumentError('A delimiter has at least one byte.')
      return { kind, delimiter }
    }
    case 'length':
      return lengthFraming(value)
    case 'fixed':
      return { kind, bytes: positiveCount(value) }
    case 'idle':
      return { kind, idleMs: positiveCount(value) }
    default:
      throw new InvalidArgumentError(`“${text}” is no framing. ${usage}`)
  }
}

export const withFraming = (command: Command): Command =>
  command.addOption(
    new Option(
      '--frame <HOW>',
      'where messages end: raw, line, delimiter=TEXT, length=4be[,offset=N][,inclusive], fixed=N or idle=MS',
    ).argParser(framingText),
  )

export const framingFields = ({ frame }: FramingOptions): { readonly framing?: Framing } =>
  frame === undefined ? {} : { framing: frame }

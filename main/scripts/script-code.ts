// Makes a reply script's text ready to run: types blanked out, imports and exports taken, and marks put in that tell which
// statement runs. Nothing is added between lines, so V8's stack traces name the person's own. Counterparts: ../code-text.ts
// (reads the text), ../engine-host.ts (asks), thread.ts (runs it), ../lesson-code.ts (its twin for lessons).
import type { AnyNode, Node, Program } from 'acorn'
import type { SourcePlace } from '../../preload/contract/lessons.ts'
import { Insertions } from '../code-places.ts'
import {
  branchesOf,
  childrenOf,
  isFunction,
  keyName,
  parseModule,
  stripTypes,
  Unreadable,
  unmarked,
} from '../code-text.ts'
import type { PreparedScript } from '../engine/scripts/messages.ts'

/** What a script may import. */
export const scriptModules: readonly string[] = [
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:string_decoder',
  'node:timers',
  'node:timers/promises',
  'node:url',
  'node:util',
  'node:zlib',
]

/** Names that no script uses by accident. */
const mark = 'ƒ'
const runtime = 'ø'

/** Every statement, and the value of every arrow function without braces. */
class Marker {
  readonly insertions = new Insertions()
  readonly places: SourcePlace[] = [{ line: 1, column: 1 }]
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  walk(node: AnyNode): void {
    const statements: readonly AnyNode[] =
      node.type === 'Program' || node.type === 'BlockStatement' || node.type === 'StaticBlock'
        ? node.body
        : node.type === 'SwitchCase'
          ? node.consequent
          : []
    for (const child of childrenOf(node)) {
      const branch = branchesOf(node).includes(child) && child.type !== 'BlockStatement'
      const marked = branch || (statements.includes(child) && !unmarked.has(child.type))
      if (marked) this.insertions.add(child.start, `${branch ? '{' : ''}${this.#mark(child)};`)
      if (isFunction(node) && child === node.body && child.type !== 'BlockStatement') this.#value(node, child)
      else this.walk(child)
      if (branch) this.insertions.add(child.end, '}')
    }
  }

  #mark(node: Node): string {
    this.places.push({ line: node.loc!.start.line, column: node.loc!.start.column + 1 })
    return `${mark}(${this.places.length - 1})`
  }

  /** An arrow function's value: from behind its arrow, so that parentheses around it stay around it. */
  #value(fn: AnyNode & { readonly params: readonly Node[] }, body: AnyNode): void {
    const arrow = this.#text.indexOf('=>', fn.params.at(-1)?.end ?? fn.start) + 2
    const from = arrow + this.#text.slice(arrow).search(/\S/)
    this.insertions.add(from, `{${this.#mark(body)};return `)
    this.walk(body)
    this.insertions.add(fn.end, '}')
  }
}

const blank = (text: string, start: number, end: number): string =>
  text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + text.slice(end)

/** Imports become constants and exports plain declarations; the default one is handed to the runtime. */
const takeModule = (program: Program, text: string): { text: string; constants: string; last: string; at: number } => {
  let constants = ''
  let last = ''
  let rest = text
  /** Where the value of the default export begins, where it has no name. */
  let at = -1
  const refuse = (node: Node, message: string) => {
    throw new Unreadable(message, node.loc!.start.line, node.loc!.start.column + 1)
  }
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      const name = String(node.source.value)
      if (!scriptModules.includes(name))
        refuse(node, `A script cannot import “${name}”; it can import ${scriptModules.join(', ')}`)
      for (const part of node.specifiers) {
        const imported =
          part.type === 'ImportSpecifier'
            ? keyName(part.imported)
            : part.type === 'ImportNamespaceSpecifier'
              ? '*'
              : 'default'
        constants += `const ${part.local.name}=${runtime}.take(${JSON.stringify(name)},${JSON.stringify(imported)});`
      }
      rest = blank(rest, node.start, node.end)
    } else if (node.type === 'ExportDefaultDeclaration') {
      const { declaration } = node
      rest = blank(rest, node.start, declaration.start)
      const named =
        (declaration.type === 'ClassDeclaration' || declaration.type === 'FunctionDeclaration') && declaration.id
      if (named) last = `${runtime}.protocol=${named.name};`
      else at = declaration.start
    } else if (node.type === 'ExportNamedDeclaration') {
      if (node.declaration == null) rest = blank(rest, node.start, node.end)
      else rest = blank(rest, node.start, node.declaration.start)
    } else if (node.type === 'ExportAllDeclaration') refuse(node, 'A script cannot pass on what another exports')
  }
  if (last === '' && at < 0)
    throw new Unreadable('The script has no protocol: it needs an “export default class { … }”', 1, 1)
  return { text: rest, constants, last, at }
}

const prepare = (text: string): PreparedScript => {
  const stripped = stripTypes(text)
  const program = parseModule(stripped)
  const module = takeModule(program, stripped)
  const marker = new Marker(module.text)
  marker.insertions.add(0, `'use strict';(async(${mark},${runtime})=>{${module.constants}`)
  if (module.at >= 0) marker.insertions.add(module.at, `${runtime}.protocol=`)
  marker.walk(program)
  // On a line of its own, behind whatever comment the text ends with.
  marker.insertions.add(module.text.length, `\n;${module.last}})`)
  const { code, added } = marker.insertions.apply(module.text)
  const places = Int32Array.from(marker.places.flatMap(({ line, column }) => [line, column]))
  return { ok: true, code, places, added }
}

/** Prepares a text to be run, or says where it is no script. */
export const prepareScript = (text: string): PreparedScript => {
  try {
    return prepare(text)
  } catch (thrown) {
    if (thrown instanceof Unreadable) return { ok: false, error: thrown.error }
    throw thrown
  }
}

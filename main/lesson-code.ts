// Makes a lesson's text ready to run: types blanked out (Node's own type stripping, amaro, so that every line and column
// stays where it was), and marks put in that tell the recorder which statement runs, which function waits and which goes
// on. Nothing is added between lines, so V8's stack traces name the lines that are shown. Counterparts: lesson-host.ts
// uses it; engine/lessons/marks.ts is what the marks call.
import type { AnyNode, Node, Program } from 'acorn'
import type { LessonError, SourcePlace } from '../preload/contract/lessons.ts'
import { Insertions, offsetInText, offsetOf, placeAt } from './code-places.ts'
import {
  branchesOf,
  childrenOf,
  isFunction,
  keyName,
  parseModule,
  stripTypes,
  Unreadable,
  unmarked,
} from './code-text.ts'
import { lessonModules } from './engine/lessons/module-names.ts'

/** A place where a mark stands. */
export interface Site extends SourcePlace {
  /** Index into `functions`. */
  readonly fn: number
}

export interface LessonCode {
  /** A script whose value is an async function of (activation, runtime). */
  readonly code: string
  readonly sites: readonly Site[]
  /** Names of the functions; 0 is the file itself. */
  readonly functions: readonly string[]
  /** Where a place in `code` is in the text that was handed in. */
  placeInText(line: number, column: number): SourcePlace
}

/** Names that no lesson uses by accident. */
const activation = 'ƒ'
const runtime = 'ø'

const calleeName = (callee: AnyNode): string =>
  callee.type === 'Identifier' ? callee.name : callee.type === 'MemberExpression' ? keyName(callee.property) : ''

/** Finds every place that is to be marked. */
class Marker {
  readonly insertions = new Insertions()
  /** The first stands for the file itself. */
  readonly sites: Site[] = [{ line: 1, column: 1, fn: 0 }]
  readonly functions: string[] = ['main']
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  #site(node: Node, fn: number): number {
    this.sites.push({ line: node.loc!.start.line, column: node.loc!.start.column + 1, fn })
    return this.sites.length - 1
  }

  walk(node: AnyNode, fn: number, name: string): void {
    if (isFunction(node)) this.#function(node, name)
    else if (node.type === 'AwaitExpression') this.#suspension(node, 'await'.length, fn)
    else if (node.type === 'YieldExpression') {
      const keyword = node.delegate ? this.#text.indexOf('*', node.start) + 1 - node.start : 'yield'.length
      this.#suspension(node, keyword, fn)
    } else this.#children(node, fn, name)
  }

  #children(node: AnyNode, fn: number, name: string): void {
    const statements: readonly AnyNode[] =
      node.type === 'Program' || node.type === 'BlockStatement' || node.type === 'StaticBlock'
        ? node.body
        : node.type === 'SwitchCase'
          ? node.consequent
          : []
    for (const child of childrenOf(node)) {
      const below = this.#nameOf(node, child, name)
      // A branch without braces gets them, where it stands on a line of its own.
      const branch = branchesOf(node).includes(child) && child.loc!.start.line > node.loc!.start.line
      const marked = (branch || statements.includes(child)) && !unmarked.has(child.type)
      if (marked) this.insertions.add(child.start, `${branch ? '{' : ''}${activation}.l(${this.#site(child, fn)});`)
      this.walk(child, fn, below)
      if (marked && branch) this.insertions.add(child.end, '}')
    }
  }

  /** What the function that may come below `child` is called by. */
  #nameOf(parent: AnyNode, child: AnyNode, name: string): string {
    switch (parent.type) {
      case 'ClassDeclaration':
      case 'ClassExpression':
        return parent.id?.name ?? name
      case 'MethodDefinition':
      case 'PropertyDefinition':
        return child === parent.key ? name : `${name === '' ? '' : `${name}.`}${keyName(parent.key)}`
      case 'VariableDeclarator':
        return parent.id.type === 'Identifier' ? parent.id.name : ''
      case 'Property':
        return keyName(parent.key)
      case 'CallExpression':
      case 'NewExpression':
        return child === parent.callee ? name : `${calleeName(parent.callee)} callback`
      case 'ClassBody':
      case 'ParenthesizedExpression':
        return name
      default:
        return isFunction(child) && parent.type !== 'AssignmentExpression' ? '' : name
    }
  }

  #suspension(
    node: AnyNode & { type: 'AwaitExpression' | 'YieldExpression' },
    keywordLength: number,
    fn: number,
  ): void {
    const site = this.#site(node, fn)
    this.insertions.add(node.start, `${activation}.r(${site},`)
    if (node.argument == null) this.insertions.add(node.start + keywordLength, ` ${activation}.s(${site})`)
    else {
      this.insertions.add(node.start + keywordLength, ` ${activation}.s(${site},`)
      this.#children(node, fn, '')
      this.insertions.add(node.end, ')')
    }
    this.insertions.add(node.end, ')')
  }

  #function(node: AnyNode, inherited: string): void {
    if (
      node.type !== 'FunctionDeclaration' &&
      node.type !== 'FunctionExpression' &&
      node.type !== 'ArrowFunctionExpression'
    )
      return
    const fn = this.functions.length
    this.functions.push(node.id?.name ?? (inherited === '' ? 'callback' : inherited))
    const { body } = node
    const enter = `const ${activation}=${runtime}.e(${fn},${this.#site(body, fn)});try{`
    const leave = `}finally{${activation}.x()}`
    for (const param of node.params) this.walk(param, fn, '')
    if (body.type === 'BlockStatement') {
      this.insertions.add(body.start + 1, enter)
      this.#children(body, fn, '')
      this.insertions.add(body.end - 1, leave)
      return
    }
    // The value of an arrow function: from behind its arrow, so that parentheses around it stay around it.
    const arrow = this.#text.indexOf('=>', node.params.at(-1)?.end ?? node.start) + 2
    const from = arrow + this.#text.slice(arrow).search(/\S/)
    this.insertions.add(from, `{${enter}${activation}.l(${this.#site(body, fn)});return `)
    this.walk(body, fn, '')
    this.insertions.add(node.end, `${leave}}`)
  }
}

/** Import declarations become constants of the modules that a lesson may use; their text is blanked. */
const takeImports = (program: Program, text: string): { readonly text: string; readonly constants: string } => {
  let constants = ''
  let rest = text
  for (const node of program.body) {
    const { line, column } = node.loc!.start
    if (node.type.startsWith('Export'))
      throw new Unreadable('A lesson exports nothing: it is run, not imported', line, column + 1)
    if (node.type !== 'ImportDeclaration') continue
    const name = String(node.source.value)
    if (!lessonModules.includes(name))
      throw new Unreadable(
        `A lesson cannot import “${name}”; it can import ${lessonModules.join(', ')}`,
        line,
        column + 1,
      )
    for (const part of node.specifiers) {
      const imported =
        part.type === 'ImportSpecifier'
          ? keyName(part.imported)
          : part.type === 'ImportNamespaceSpecifier'
            ? '*'
            : 'default'
      constants += `const ${part.local.name}=${runtime}.take(${JSON.stringify(name)},${JSON.stringify(imported)});`
    }
    rest = rest.slice(0, node.start) + rest.slice(node.start, node.end).replace(/[^\n]/g, ' ') + rest.slice(node.end)
  }
  return { text: rest, constants }
}

const prepare = (text: string): LessonCode => {
  const stripped = stripTypes(text)
  const program = parseModule(stripped)
  const imports = takeImports(program, stripped)
  const marker = new Marker(imports.text)
  marker.insertions.add(0, `'use strict';(async(${activation},${runtime})=>{${imports.constants}try{`)
  marker.walk(program, 0, '')
  marker.insertions.add(imports.text.length, `\n}finally{${activation}.x()}})`)
  const { code, added } = marker.insertions.apply(imports.text)
  return {
    code,
    sites: marker.sites,
    functions: marker.functions,
    placeInText: (line, column) => placeAt(text, offsetInText(added, offsetOf(code, line, column))),
  }
}

/** Prepares a text to be run, or says where it is no TypeScript that can run as a lesson. */
export const prepareLesson = (text: string): LessonCode | { readonly error: LessonError } => {
  try {
    return prepare(text)
  } catch (thrown) {
    if (thrown instanceof Unreadable) return { error: thrown.error }
    throw thrown
  }
}

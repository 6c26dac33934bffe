// A program's text on its way to be run: types blanked out (Node's own type stripping, amaro, so that every line and column
// stays where it was), parsed, and marks put in between. Counterparts: lesson-code.ts and scripts/script-code.ts.
import { type AnyNode, type Program, parse } from 'acorn'
import { transformSync } from 'amaro'
import type { SourcePlace } from '../preload/contract/lessons.ts'

export interface CodeError extends SourcePlace {
  readonly message: string
}

interface SyntaxTrouble {
  readonly message: string
  readonly startLine?: number
  readonly startColumn?: number
}

/** The text is no program that can be run, and where. Line and column from 1. */
export class Unreadable extends Error {
  readonly error: CodeError
  constructor(message: string, line: number, column: number) {
    super(message)
    this.error = { message, line, column }
  }
}

export const stripTypes = (text: string): string => {
  try {
    return transformSync(text, { mode: 'strip-only' }).code
  } catch (thrown) {
    const trouble = thrown as SyntaxTrouble
    throw new Unreadable(trouble.message, trouble.startLine ?? 1, (trouble.startColumn ?? 0) + 1)
  }
}

export const parseModule = (text: string): Program => {
  try {
    return parse(text, { ecmaVersion: 'latest', sourceType: 'module', locations: true })
  } catch (thrown) {
    const { message, loc } = thrown as SyntaxError & {
      readonly loc: { readonly line: number; readonly column: number }
    }
    throw new Unreadable(message.replace(/ \(\d+:\d+\)$/, ''), loc.line, loc.column + 1)
  }
}

/** Acorn's nodes, walked without knowing their kinds. */
export const childrenOf = (node: AnyNode): AnyNode[] =>
  Object.values(node)
    .flat()
    .filter((value): value is AnyNode => typeof value === 'object' && value !== null && typeof value.type === 'string')

export const isFunction = (node: AnyNode) =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'

/** Statements that do nothing when their turn comes, or whose parts are marked themselves. */
export const unmarked = new Set([
  'FunctionDeclaration',
  'ClassDeclaration',
  'ImportDeclaration',
  'EmptyStatement',
  'BlockStatement',
])

export const branchesOf = (node: AnyNode): readonly AnyNode[] => {
  switch (node.type) {
    case 'IfStatement':
      return node.alternate == null ? [node.consequent] : [node.consequent, node.alternate]
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
      return [node.body]
    default:
      return []
  }
}

export const keyName = (key: AnyNode): string =>
  key.type === 'Identifier' ? key.name : key.type === 'PrivateIdentifier' ? `#${key.name}` : ''

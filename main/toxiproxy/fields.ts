// Reads the fields of a JSON body as Go's encoding/json does: what is left out or null stays as it was, what is unknown is
// passed over, and what has the wrong type is refused. Counterparts: proxies.ts, toxics.ts.
import { badBody } from './errors.ts'

export type JsonObject = Readonly<Record<string, unknown>>

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

const wrongType = (value: unknown, field: string, wanted: string) => {
  const shown = typeof value === 'number' ? `number ${value}` : kindOf(value)
  return badBody(`json: cannot unmarshal ${shown} into Go struct field ${field} of type ${wanted}`)
}

/** Parses a body. Throws an ApiError where it is no JSON. */
export const parseJson = (text: string): unknown => {
  if (text.trim() === '') throw badBody('EOF')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badBody(error instanceof Error ? error.message : String(error))
  }
}

export const objectOf = (value: unknown, what: string): JsonObject => {
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw badBody(`json: cannot unmarshal ${kindOf(value)} into Go value of type ${what}`)
  return value as JsonObject
}

/** A field by its name, whose case does not matter to Go where there is no exact one. */
const fieldOf = (object: JsonObject, name: string): unknown => {
  if (Object.hasOwn(object, name)) return object[name]
  const key = Object.keys(object).find((each) => each.toLowerCase() === name)
  return key === undefined ? undefined : object[key]
}

export const textField = (object: JsonObject, name: string, otherwise: string): string => {
  const value = fieldOf(object, name)
  if (value === undefined || value === null) return otherwise
  if (typeof value !== 'string') throw wrongType(value, name, 'string')
  return value
}

export const booleanField = (object: JsonObject, name: string, otherwise: boolean): boolean => {
  const value = fieldOf(object, name)
  if (value === undefined || value === null) return otherwise
  if (typeof value !== 'boolean') throw wrongType(value, name, 'bool')
  return value
}

/** A whole number. */
export const integerField = (object: JsonObject, name: string, otherwise: number): number => {
  const value = fieldOf(object, name)
  if (value === undefined || value === null) return otherwise
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(value, name, 'int64')
  return value
}

export const numberField = (object: JsonObject, name: string, otherwise: number): number => {
  const value = fieldOf(object, name)
  if (value === undefined || value === null) return otherwise
  if (typeof value !== 'number') throw wrongType(value, name, 'float32')
  return value
}

export const objectField = (object: JsonObject, name: string): JsonObject => {
  const value = fieldOf(object, name)
  return value === undefined ? {} : objectOf(value, name)
}

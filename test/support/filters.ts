// Filters at random, in normal form: terms over few values, so that random events satisfy some of them.
// Counterparts: contract/filter-language.test.ts, archive/filter-where.test.ts.
import fc from 'fast-check'
import { allOf, anyOf, comparisons, type FilterPart, type FilterTerm } from '../../preload/contract/filter-language.ts'
import { type ConnectionId, causes, type EndpointId, eventKinds } from '../../preload/contract/vocabulary.ts'

const is = fc.constantFrom(...comparisons)
const words = fc.oneof(
  fc.constantFrom('PING', 'ping', 'a b', 'and', '"', '\\', '#3', 'é한', '(x)', '/', 'a\r\n\t\0'),
  fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }).filter((text) => text.isWellFormed()),
)
const hexDigit = fc.constantFrom(...'0123456789abcdef?')
const hex = fc
  .array(fc.tuple(hexDigit, hexDigit), { minLength: 1, maxLength: 3 })
  .map((pairs) => pairs.flat().join(''))
  .filter((text) => /[^?]/.test(text))

export const filterTerms: fc.Arbitrary<FilterTerm> = fc.oneof(
  fc.constantFrom(...eventKinds).map((kind) => ({ by: 'kind', kind }) as const),
  fc.integer({ min: 0, max: 4 }).map((id) => ({ by: 'connection', id: id as ConnectionId }) as const),
  fc.integer({ min: 0, max: 4 }).map((id) => ({ by: 'endpoint', id: id as EndpointId }) as const),
  words.map((name) => ({ by: 'endpoint-name', name }) as const),
  fc.constantFrom('in' as const, 'out' as const).map((direction) => ({ by: 'direction', direction }) as const),
  fc.tuple(is, fc.nat(20)).map(([how, bytes]) => ({ by: 'size', is: how, bytes }) as const),
  fc
    .tuple(fc.constantFrom('P.NG', '^a', '[0-9]+', 'a|b', '\\/x', 'P I', '\\xe9'), fc.boolean())
    .map(([pattern, ignoreCase]) => ({ by: 'bytes', pattern, ignoreCase }) as const),
  hex.map((pattern) => ({ by: 'hex', pattern }) as const),
  words.map((text) => ({ by: 'text', text }) as const),
  fc.constantFrom(...causes).map((cause) => ({ by: 'cause', cause }) as const),
  fc.tuple(is, fc.double({ min: 0, max: 100, noNaN: true })).map(([how, ms]) => ({ by: 'at', is: how, ms }) as const),
  fc.tuple(is, fc.nat(30)).map(([how, ms]) => ({ by: 'slow', is: how, ms }) as const),
  fc.constantFrom('', 'later', 'a b').map((note) => ({ by: 'marked', note }) as const),
)

/** Any filter whose terms are of `terms`. */
export const filtersOf = (terms: fc.Arbitrary<FilterTerm>): fc.Arbitrary<FilterPart> =>
  fc.letrec<{ part: FilterPart }>((tie) => {
    const several = fc.array(tie('part'), { minLength: 2, maxLength: 3 })
    return {
      part: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        terms,
        several.map(allOf),
        several.map(anyOf),
        tie('part').map((part): FilterPart => ({ by: 'not', part })),
      ),
    }
  }).part

export const filterParts = filtersOf(filterTerms)

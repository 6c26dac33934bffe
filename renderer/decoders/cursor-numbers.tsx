// The numbers at the dump's cursor, little and big endian side by side. Counterparts: numbers.ts, inspector/bytes-section.tsx.
import './decoders.css'
import { useTranslation } from 'react-i18next'
import { numbersAt } from './numbers.ts'

export const CursorNumbers = ({ bytes, at }: { readonly bytes: Uint8Array; readonly at: number | null }) => {
  const { t } = useTranslation()
  if (at === null) return <p className="inspector-note">{t('decode.cursorNone')}</p>
  const numbers = numbersAt(bytes, at)
  return (
    <table className="cursor-numbers data selectable">
      <caption>{t('decode.cursor', { at })}</caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">{t('decode.integers')}</span>
          </th>
          <th scope="col">{t('decode.little')}</th>
          <th scope="col">{t('decode.big')}</th>
        </tr>
      </thead>
      <tbody>
        {numbers.map(({ type, size, little, big }) => (
          <tr key={type}>
            <th scope="row">{t(`decode.type.${type}`)}</th>
            {size === 1 ? (
              <td colSpan={2}>{little}</td>
            ) : (
              <>
                <td>{little}</td>
                <td>{big}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

// The line under the composer's text: the exact bytes that will be sent, or what stands in their way. Counterparts:
// message.ts, composer.tsx.
import { useTranslation } from 'react-i18next'
import { maxSendBytes } from '../../../preload/contract/checks.ts'
import { formatBytes, formatCount } from '../../ui/format.ts'
import { ErrorMark } from '../../ui/marks.tsx'
import { type Message, mistakeContext, previewBytes } from './message.ts'

/** Bytes of the live preview; the line is cut sooner where it is narrower. */
const previewLimit = 96

export interface BytesLineProps {
  readonly message: Message
  /** What was typed, to show a mistake in its place. */
  readonly text: string
  /** Why the last try to send failed, or null. */
  readonly failure: string | null
}

export const BytesLine = ({ message, text, failure }: BytesLineProps) => {
  const { t } = useTranslation()
  if (failure !== null)
    return (
      <p className="composer-line err-text" role="alert">
        <ErrorMark />
        <span className="cut">{t('composer.sendFailed', { message: failure })}</span>
      </p>
    )
  if (!message.ok && message.problem === 'too-long')
    return (
      <p className="composer-line err-text" role="alert">
        <ErrorMark />
        <span className="cut">
          {t('composer.tooLong', { size: formatCount(message.length), limit: formatBytes(maxSendBytes) })}
        </span>
      </p>
    )
  if (!message.ok) {
    const { before, wrong, after } = mistakeContext(text, message.at, message.span)
    return (
      <p className="composer-line err-text" role="alert">
        <ErrorMark />
        <span className="mistake data" aria-hidden="true">
          {before}
          <em>{wrong}</em>
          {after}
        </span>
        <span className="cut">{message.message}</span>
        <span className="composer-count">{t('composer.at', { position: formatCount(message.at + 1) })}</span>
      </p>
    )
  }
  const preview = previewBytes(message.bytes, message.endingLength, previewLimit)
  return (
    <p className="composer-line data">
      <span className="visually-hidden">{t('composer.preview')}</span>
      <span className="composer-typed cut">{preview.cut ? `${preview.typed} …` : preview.typed}</span>
      <span className="composer-ending">{preview.ending}</span>
      {message.macros === undefined ? null : <span className="composer-later">{t('composer.atSending')}</span>}
      <span className="composer-count">
        {message.bytes.length === 0 ? t('composer.nothing') : formatBytes(message.bytes.length)}
      </span>
    </p>
  )
}

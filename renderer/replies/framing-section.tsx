// Where messages end: the kind, its fields, and an example drawn as it would be cut. Counterparts: framing-values.ts, the
// contract's framing.ts.
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { Framer } from '../../preload/contract/framing.ts'
import { concatBytes, formatEscaped } from '../../preload/contract/notation.ts'
import { Choice } from '../ui/choice.tsx'
import { Field } from '../ui/field.tsx'
import { Switch } from '../ui/switch.tsx'
import { exampleStream, type FramingField, type FramingValues, framingChoices, framingOf } from './framing-values.ts'
import './replies.css'

export interface FramingSectionProps {
  readonly value: FramingValues
  onChange(value: FramingValues): void
}

const Example = ({ value }: { readonly value: FramingValues }) => {
  const { t } = useTranslation()
  const framing = framingOf(value)
  if (!framing.ok) return null
  const stream = exampleStream(framing.value)
  // What has no end in itself is cut where the example has one.
  const cut = framing.value.kind === 'raw' || framing.value.kind === 'idle' || framing.value.kind === 'fixed'
  const framer = new Framer(framing.value)
  const pieces = cut
    ? stream.map((bytes) => ({ bytes, body: bytes }))
    : framer.push(concatBytes(stream)).frames.map(({ bytes, body }) => ({ bytes, body }))
  if (pieces.length === 0) return null
  const parts = pieces.map(({ bytes, body }) => {
    const from = body.byteOffset - bytes.byteOffset
    return {
      head: formatEscaped(bytes.subarray(0, from)),
      body: formatEscaped(body),
      tail: formatEscaped(bytes.subarray(from + body.length)),
    }
  })
  return (
    <div
      className="framing-example data"
      role="img"
      aria-label={t('replies.example', { messages: parts.map(({ body }) => body).join(', ') })}
    >
      {parts.map(({ head, body, tail }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an example that is drawn anew with every change.
        <span key={i} className="framing-frame">
          {head === '' ? null : <span className="framing-edge">{head}</span>}
          {body}
          {tail === '' ? null : <span className="framing-edge">{tail}</span>}
        </span>
      ))}
      {framing.value.kind === 'raw' || framing.value.kind === 'idle' ? (
        <span className="framing-note">{t(`replies.exampleNote_${framing.value.kind}`)}</span>
      ) : null}
    </div>
  )
}

export const FramingSection = ({ value, onChange }: FramingSectionProps) => {
  const { t } = useTranslation()
  const id = useId()
  const framing = framingOf(value)
  const trouble = framing.ok ? null : framing.trouble
  const change = (next: Partial<FramingValues>) => onChange({ ...value, ...next })
  const errorOf = (field: FramingField): string | null => {
    if (trouble === null || trouble.field !== field) return null
    if (trouble.field === 'delimiter') return trouble.message ?? t('replies.delimiterEmpty')
    return t('replies.wholeInvalid', { least: trouble.least, most: trouble.most })
  }
  const number = (field: Exclude<FramingField, 'delimiter'>, label: string) => (
    <Field
      label={label}
      className="narrow"
      inputMode="numeric"
      value={value[field]}
      error={errorOf(field)}
      onChange={(text) => change({ [field]: text })}
    />
  )
  return (
    <div className="framing-section">
      <div className="framing-fields">
        <div className="field">
          <span className="field-label" id={id}>
            {t('replies.framingKind')}
          </span>
          <Choice
            label={t('replies.framingKind')}
            labelId={id}
            fieldSized
            value={value.kind}
            options={framingChoices.map((kind) => ({
              value: kind,
              text: t(`replies.framing_${kind}`),
              help: t(`replies.framingHelp_${kind}`),
            }))}
            onChange={(kind) => change({ kind })}
          />
        </div>
        {value.kind === 'delimiter' ? (
          <Field
            label={t('replies.delimiter')}
            className="narrow"
            value={value.delimiter}
            error={errorOf('delimiter')}
            onChange={(delimiter) => change({ delimiter })}
          />
        ) : null}
        {value.kind === 'length' ? <LengthFields value={value} change={change} /> : null}
        {value.kind === 'length' ? number('offset', t('replies.offset')) : null}
        {value.kind === 'fixed' ? number('bytes', t('replies.fixedBytes')) : null}
        {value.kind === 'idle' ? number('idleMs', t('replies.idleMs')) : null}
      </div>
      {value.kind === 'length' ? (
        <div className="framing-switch">
          <Switch
            label={t('replies.inclusive')}
            checked={value.inclusive}
            onChange={(inclusive) => change({ inclusive })}
          />
          <span aria-hidden="true">{t('replies.inclusive')}</span>
        </div>
      ) : null}
      <p className="field-help">{t(`replies.framingHelp_${value.kind}`)}</p>
      <Example value={value} />
    </div>
  )
}

const sizes = [1, 2, 4, 8] as const

const LengthFields = ({
  value,
  change,
}: {
  readonly value: FramingValues
  change(next: Partial<FramingValues>): void
}) => {
  const { t } = useTranslation()
  const size = useId()
  const order = useId()
  return (
    <>
      <div className="field">
        <span className="field-label" id={size}>
          {t('replies.lengthSize')}
        </span>
        <Choice
          label={t('replies.lengthSize')}
          labelId={size}
          fieldSized
          value={value.size}
          options={sizes.map((each) => ({ value: each, text: t(`replies.lengthSize_${each}`) }))}
          onChange={(next) => change({ size: next })}
        />
      </div>
      <div className="field">
        <span className="field-label" id={order}>
          {t('replies.endian')}
        </span>
        <Choice
          label={t('replies.endian')}
          labelId={order}
          fieldSized
          value={value.endian}
          options={(['big', 'little'] as const).map((each) => ({ value: each, text: t(`replies.${each}`) }))}
          onChange={(endian) => change({ endian })}
        />
      </div>
    </>
  )
}

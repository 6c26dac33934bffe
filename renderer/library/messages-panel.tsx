// Saved messages in their folders: send, put in the composer, edit, remove. Counterparts: message-form.tsx,
// workbench/composer/saved.ts (sends them).
import { Copy, Pencil, SquarePen, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SavedMessage } from '../../preload/contract/workspace.ts'
import { useCommands } from '../link/link.ts'
import { composerStore } from '../stores/composer.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { noticeStore } from '../stores/notice.ts'
import { viewStore } from '../stores/view.ts'
import { changeWorkspace, useWorkspace } from '../stores/workspace.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { leaveFile } from '../workbench/composer/file-sending.ts'
import { connectionOf, sendSaved, targetWords } from '../workbench/composer/saved.ts'
import { resolveTarget } from '../workbench/composer/targets.ts'
import { messageDrafts, sameJson, useDrafts } from './drafts.ts'
import { MessageForm } from './message-form.tsx'
import { newId } from './new-id.ts'

/** Folders by name, what is in none first. */
const foldersOf = (messages: readonly SavedMessage[]): readonly (readonly [string, readonly SavedMessage[]])[] => {
  const folders = new Map<string, SavedMessage[]>([['', []]])
  for (const message of messages) folders.set(message.folder, [...(folders.get(message.folder) ?? []), message])
  return [...folders].filter(([, inside]) => inside.length > 0).toSorted(([a], [b]) => a.localeCompare(b))
}

/** Puts a message where it would be sent from; the sheet gives way to the composer. */
const load = (message: SavedMessage): void => {
  const facts = endpointsStore.getState()
  const store = composerStore.getState()
  const connection =
    message.target === null
      ? resolveTarget(store.wanted, facts.connections, facts.endpoints)
      : connectionOf(message.target, facts)
  if (connection === null) return
  leaveFile(connection.id)
  store.want({ connection: connection.id, endpoint: connection.endpoint, side: connection.side })
  store.setDraft(connection.id, { text: message.text, mode: message.mode })
  store.setSettings(connection.endpoint, { ending: message.ending, encoding: message.encoding })
  viewStore.getState().showLibrary(null)
  viewStore.getState().show('wire')
}

const report = (result: Parameters<ReturnType<typeof noticeStore.getState>['report']>[0]) =>
  noticeStore.getState().report(result)

export const MessagesPanel = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const messages = useWorkspace((state) => state.parts.messages)
  const drafts = useDrafts(messageDrafts)
  const [sought, setSought] = useState('')
  const [editing, setEditing] = useState<string | null>(null)
  const found = messages.filter((message) =>
    `${message.name} ${message.folder} ${message.text}`.toLowerCase().includes(sought.trim().toLowerCase()),
  )
  const isChanged = (message: SavedMessage): boolean => {
    const draft = drafts.get(message.id)
    return draft !== undefined && !sameJson(draft.value, message)
  }
  const remove = (id: string) => {
    messageDrafts.drop(id)
    void changeWorkspace('messages', (kept) => kept.filter((message) => message.id !== id)).then(report)
  }
  const duplicate = (message: SavedMessage) =>
    void changeWorkspace('messages', (kept) => [...kept, { ...message, id: newId(), key: null }]).then(report)

  if (messages.length === 0) return <p className="dim">{t('library.noMessages')}</p>
  return (
    <>
      <div className="library-bar">
        <input
          className="input"
          type="search"
          aria-label={t('library.search')}
          placeholder={t('library.search')}
          value={sought}
          onChange={(event) => setSought(event.target.value)}
        />
      </div>
      {foldersOf(found).map(([folder, inside]) => (
        <section key={folder} aria-label={folder === '' ? t('library.noFolder') : folder}>
          {folder === '' ? null : <h3>{folder}</h3>}
          <ul className="library-rows">
            {inside.map((message) => (
              <li key={message.id}>
                <div className="library-row">
                  <span className="library-key">
                    {message.key === null ? null : <span className="kbd">{message.key}</span>}
                  </span>
                  <span className="library-row-main">
                    <span className="cut">{message.name === '' ? message.text : message.name}</span>
                    <span className="cut dim data">
                      {message.text.slice(0, 200)}
                      {message.target === null ? '' : ` → ${targetWords(message.target)}`}
                      {isChanged(message) ? `, ${t('library.unsaved')}` : ''}
                    </span>
                  </span>
                  <Button onClick={() => void sendSaved(commands, message).then(report)}>{t('library.send')}</Button>
                  <IconButton label={t('library.load')} onClick={() => load(message)}>
                    <SquarePen size={14} aria-hidden="true" />
                  </IconButton>
                  <IconButton label={t('library.edit')} onClick={() => setEditing(message.id)}>
                    <Pencil size={14} aria-hidden="true" />
                  </IconButton>
                  <IconButton label={t('library.duplicate')} onClick={() => duplicate(message)}>
                    <Copy size={14} aria-hidden="true" />
                  </IconButton>
                  <IconButton label={t('library.remove')} onClick={() => remove(message.id)}>
                    <Trash2 size={14} aria-hidden="true" />
                  </IconButton>
                </div>
                {editing === message.id ? <MessageForm message={message} done={() => setEditing(null)} /> : null}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  )
}

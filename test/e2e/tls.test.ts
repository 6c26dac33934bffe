// TLS as a person sets it up: a certificate that is made here, a client that refuses it and says why, the authority downloaded
// and trusted, what was agreed on in the inspector, a certificate of one's own. Counterparts: renderer/tls, main/tls.
import { readFile } from 'node:fs/promises'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { selfSigned } from '../support/certificates.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { boundPort, composerReady, inspectorFacts, openServedWorkbench } from './support/served-workbench.ts'

const sheetOf = (page: Page) => page.getByRole('dialog')

const seriousFaults = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).include('[role=dialog], .inspector').analyze()
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)
}

const openClient = async (page: Page, name: string, port: number) => {
  await page.getByRole('button', { name: 'New client' }).first().click()
  const sheet = sheetOf(page)
  await sheet.getByLabel('Name', { exact: true }).fill(name)
  await sheet.getByLabel('Host', { exact: true }).fill('localhost')
  await sheet.getByLabel('Port', { exact: true }).fill(`${port}`)
  await sheet.getByRole('button', { name: 'TLS', exact: true }).click()
  return sheet
}

describeInChromium('TLS in the workbench', () => {
  it('is refused with its reason, trusted once the authority is, and told of in the inspector', async () => {
    const { page, complaints } = await openServedWorkbench()
    await page.getByRole('button', { name: 'New listener' }).first().click()
    const sheet = sheetOf(page)
    await sheet.getByLabel('Name', { exact: true }).fill('vault')
    await sheet.getByLabel('Port', { exact: true }).fill('0')
    await sheet.getByRole('button', { name: 'TLS', exact: true }).click()
    await sheet.getByRole('combobox', { name: 'Certificate' }).getByText('generated for this workspace').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    const downloading = page.waitForEvent('download')
    await sheet.getByRole('button', { name: 'Download CA' }).click()
    const authority = await readFile((await (await downloading).path())!, 'utf8')
    expect(authority).toMatch(/^-----BEGIN CERTIFICATE-----/)
    expect(authority).not.toContain('PRIVATE')
    await sheet.getByRole('button', { name: 'Start' }).click()
    await sheet.waitFor({ state: 'hidden' })
    const port = await boundPort(page, 'vault')

    // Nobody has said yet that this authority is to be trusted: the sheet stays, with the reason.
    await openClient(page, 'visitor', port)
    await sheet.getByRole('button', { name: 'Connect' }).click()
    await sheet.getByText(/ends in a root certificate that is not trusted here \(SELF_SIGNED_CERT_IN_CHAIN\)/).waitFor()
    await sheet.getByText('Versions, authorities, key log').click()
    await sheet.getByLabel('Trusted authorities (PEM)').fill(authority)
    await sheet.getByRole('button', { name: 'Connect' }).click()
    await sheet.waitFor({ state: 'hidden' })

    await composerReady(page)
    await page.getByRole('textbox', { name: 'Message' }).fill('inside')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('gridcell', { name: 'inside' }).first().waitFor()
    // The event tells what was agreed on; so does its connection.
    await page.getByRole('gridcell', { name: 'tls-established' }).first().click()
    await expect.poll(async () => (await inspectorFacts(page))['Version']).toBe('TLSv1.3')
    expect((await inspectorFacts(page))['Trust']).toMatch(/^(verified|no certificate was asked for)/)
    expect(await seriousFaults(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  it('takes a certificate of one’s own, and says what is wrong with one under its field', async () => {
    const { page } = await openServedWorkbench()
    const [own, other] = [await selfSigned({ names: ['shop.test'] }), await selfSigned()]
    await page.getByRole('button', { name: 'New listener' }).first().click()
    const sheet = sheetOf(page)
    await sheet.getByRole('button', { name: 'TLS', exact: true }).click()
    await sheet.getByRole('button', { name: 'Import…' }).click()
    const form = sheet.getByRole('group', { name: 'Import a certificate' })
    await form.getByLabel('Name').fill('shop')
    await form.getByLabel('Certificate, with its chain (PEM)').fill(own.certificatePem)
    await form.getByLabel('Private key (PEM)').fill(other.keyPem)
    await form.getByLabel('Name').press('Enter')
    await form.getByText('The key does not belong to this certificate').waitFor()
    await form.getByLabel('Private key (PEM)').fill(own.keyPem)
    await form.getByRole('button', { name: 'Import', exact: true }).click()
    await form.waitFor({ state: 'hidden' })
    await sheet.getByRole('combobox', { name: 'Certificate' }).getByText('shop', { exact: true }).waitFor()
    // The key is on this page no more.
    const html = await page.content()
    expect(html).not.toContain(own.keyPem.split('\n')[1])
    await sheet.getByRole('button', { name: 'Delete' }).click()
    await sheet.getByText('Delete “shop” and its key?').waitFor()
    await sheet.getByRole('button', { name: 'Delete' }).click()
    await sheet.getByRole('combobox', { name: 'Certificate' }).getByText('generated for this workspace').waitFor()
  })
})

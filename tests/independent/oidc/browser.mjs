// Ada with a real browser: Chromium, which CHROMIUM names. Opens the page that is the first
// argument. With "approve" as the second one she signs in, with "cancel" she does not, and
// with "open" she only looks. Prints what she saw in the end, as JSON: title and text of the
// page, and what the browser complained about. Files named SHOT-light.png and SHOT-dark.png
// are written if a third argument is SHOT.

import { chromium } from 'playwright-core';

const [address, does, shot] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 900, height: 560 }, deviceScaleFactor: 2 });
const home = new URL(address).origin;
const isHome = () => new URL(page.url()).origin === home;
const complaints = [];
// Those of the provider's own pages, which load fonts from elsewhere, are its own affair.
const complain = (what) => { if (does === 'open' || !isHome()) complaints.push(`${what}`); };
page.on('console', (said) => complain(`${said.type()}: ${said.text()}`));
page.on('pageerror', complain);
page.on('dialog', (dialog) => { complain(dialog.message()); dialog.dismiss(); });
page.on('requestfailed', (request) => complain(`${request.url()}: ${request.failure().errorText}`));
await page.route(/./, (route) => (
  /^(http:\/\/(127\.0\.0\.1|localhost):|data:)/.test(route.request().url()) ? route.continue() : route.abort()
));

const answer = await page.goto(address);
for (let pages = 0; does !== 'open' && isHome() && pages < 10; pages += 1) {
  if (does === 'cancel') {
    await page.getByText('Cancel').first().click();
  } else {
    for (const field of await page.locator('input[type=text], input[type=password]').all()) {
      await field.fill('ada');
    }
    await page.locator('button[type=submit]').first().click();
  }
  await page.waitForLoadState();
}
if (shot) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${shot}-${colorScheme}.png`, fullPage: true });
  }
}
console.log(JSON.stringify({
  status: answer.status(),
  title: await page.title(),
  text: await page.locator('body').innerText(),
  complaints,
}));
await browser.close();

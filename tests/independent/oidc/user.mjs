// A user with a browser, as far as signing in needs one: opens the page that is its
// argument, keeps cookies, follows redirects, and sends each form with the name "ada".
// Ends when a page has no form, or when a redirect leads to another server, which it
// follows once. Prints the text of the last page, or the address if nobody answers there,
// which is what a browser has left then.

const cookies = new Map();
const home = new URL(process.argv[2]).origin;

async function open(address, options = {}) {
  for (;;) {
    const isHome = new URL(address).origin === home;
    const headers = { ...options.headers };
    if (isHome) headers.cookie = [...cookies].map(([name, text]) => `${name}=${text}`).join('; ');
    const asked = fetch(address, { ...options, headers, redirect: 'manual' });
    const answer = await asked.catch((error) => { if (isHome) throw error; });
    if (!answer) return { address, isHome, text: address };
    for (const cookie of isHome ? answer.headers.getSetCookie() : []) {
      const [, name, text] = cookie.match(/^([^=]+)=([^;]*)/);
      cookies.set(name, text);
    }
    if (answer.status < 300 || answer.status > 399) return { address, isHome, text: await answer.text() };
    address = new URL(answer.headers.get('location'), address).href;
    options = {};
  }
}

let page = await open(process.argv[2]);
for (let forms = 0; page.isHome && forms < 10; forms += 1) {
  const form = page.text.match(/<form[^>]*>[^]*?<\/form>/);
  if (!form) break;
  const action = form[0].match(/action="([^"]*)"/)?.[1] ?? page.address;
  const fields = new URLSearchParams();
  for (const [input] of form[0].matchAll(/<(?:input|button)[^>]*>/g)) {
    const name = input.match(/name="([^"]*)"/)?.[1];
    if (!name || name === 'abort') continue;
    fields.set(name, input.match(/value="([^"]*)"/)?.[1] ?? 'ada');
  }
  const target = new URL(action.replaceAll('&amp;', '&'), page.address).href;
  page = await open(target, {
    method: 'POST',
    body: fields.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
}
console.log(page.text.replace(/<style[^]*?<\/style>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim());

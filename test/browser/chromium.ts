/** Pages in a real browser: served from this process, which they send their answer to. */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Milliseconds, under those that a test has: a browser must not outlive it. */
const LIMIT = 50_000;

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Where a Chromium is; undefined where there is none. */
export const chromium = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

export interface Served {
  readonly type: string;
  readonly body: string | Uint8Array;
}

export interface Site {
  /** by path; `/` is the page */
  readonly files: Readonly<Record<string, Served>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What makes a page cross-origin isolated. */
export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Opens the site's page and waits for the JSON that it posts to `/answer`; its `{ "error": … }` is thrown. */
export async function answerOf<T>({ files, headers = {} }: Site): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), 'gmm-browser-'));
  let answer: (text: string) => void;
  let fail: (error: Error) => void;
  const answered = new Promise<string>((resolve, reject) => ([answer, fail] = [resolve, reject]));
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      void bodyOf(request).then((text) => {
        response.end();
        answer(text);
      });
      return;
    }
    const file = files[request.url ?? ''];
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': file.type, ...headers }).end(file.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-extensions'];
  const browser = spawn(
    chromium!,
    [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${String(port)}/`],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  browser.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<void>((resolve) =>
    browser.on('close', () => {
      fail(new Error(`the browser ended without an answer:\n${said}`));
      resolve();
    }),
  );
  const limit = setTimeout(() => fail(new Error(`the page does not answer:\n${said}`)), LIMIT);
  try {
    const found = JSON.parse(await answered) as T | { readonly error: string };
    if (typeof found === 'object' && found !== null && 'error' in found) throw new Error(found.error);
    return found;
  } finally {
    clearTimeout(limit);
    browser.kill();
    await ended;
    server.closeAllConnections();
    server.close();
    // its last processes may still be writing
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

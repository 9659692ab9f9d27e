'use strict';

/**
 * Server-sent events over fetch, which unlike EventSource can bear a token. Connects again for as long as the page is
 * open; each connection begins with a snapshot of everything.
 *
 * on: { event(name, data), state(text), unauthorized() }
 */
function follow(on) {
  const RETRY_MILLIS = 1000;
  let controller = null;

  async function connect() {
    controller = new AbortController();
    const token = sessionStorage.getItem('token');
    try {
      const answer = await fetch('events', {
        headers: token ? { Authorization: 'Bearer ' + token } : {},
        cache: 'no-store',
        signal: controller.signal,
      });
      if (answer.status === 401) {
        sessionStorage.removeItem('token');
        on.unauthorized();
        return;
      }
      if (!answer.ok) {
        throw new Error('status ' + answer.status);
      }
      on.state('live');
      await read(answer.body.getReader());
    } catch (e) {
      if (e.name === 'AbortError') return;
    }
    on.state('lost');
    setTimeout(connect, RETRY_MILLIS);
  }

  async function read(reader) {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        emit(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  }

  function emit(block) {
    let name = 'message';
    let data = '';
    for (const line of block.split('\n')) {
      if (line.startsWith('event: ')) name = line.slice(7);
      else if (line.startsWith('data: ')) data += line.slice(6);
    }
    if (data) on.event(name, JSON.parse(data));
  }

  connect();
  return { retry: connect };
}

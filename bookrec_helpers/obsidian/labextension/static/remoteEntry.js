/*
 * The JupyterLab half of "notes for Obsidian": one key that copies cells, and callout boxes.
 *
 * JupyterLab loads extensions as webpack module-federation containers: an object in
 * window._JUPYTERLAB with init(), which receives the modules that JupyterLab shares, and
 * get(), which returns the plugins. This file is such a container, written by hand, so
 * that neither its author nor its users need Node. All that turns cells into Markdown
 * is in Python, see exporter.py; the key, the menu entry and the setting are declared in
 * schemas/bookrec-helpers/copy.json, where the reader can change them.
 */
(() => {
  const COPY = 'bookrec:copy-for-obsidian';
  let sharedModules;

  /** One of JupyterLab's own modules. */
  const shared = async name => (await Object.values(sharedModules[name])[0].get())();

  /** The cells that are selected, as a notebook of their own, as they are on screen now. */
  function selectedCells(panel) {
    const notebook = panel.content;
    const cells = notebook.widgets.filter(cell => notebook.isSelectedOrActive(cell));
    const { metadata, nbformat, nbformat_minor } = panel.model.toJSON();
    return { metadata, nbformat, nbformat_minor, cells: cells.map(cell => cell.model.toJSON()) };
  }

  /** Asks the server for the Markdown; rejects with its reason if there is none. */
  async function toMarkdown(services, panel, notebook, attachments) {
    const settings = services.ServerConnection.makeSettings();
    const question = { notebook, path: panel.context.localPath, attachments };
    const response = await services.ServerConnection.makeRequest(
      settings.baseUrl + 'bookrec/obsidian/copy',
      { method: 'POST', body: JSON.stringify(question) },
      settings
    );
    const answer = await response.json();
    if (!response.ok) {
      throw new Error(answer.message);
    }
    if (!answer.markdown) {
      throw new Error('There is nothing to copy in this cell. The clipboard is as it was.');
    }
    return answer.markdown;
  }

  /**
   * Plain text only: given HTML as well, Obsidian would convert that. The text is promised
   * rather than awaited, since browsers allow writing only right after a key or click.
   */
  async function toClipboard(apputils, text) {
    if (navigator.clipboard && window.ClipboardItem) {
      const blob = text.then(plain => new Blob([plain], { type: 'text/plain' }));
      await navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })]);
    } else {
      apputils.Clipboard.copyToSystem(await text); // pages without https have no clipboard
    }
  }

  async function copyPlugin() {
    const { INotebookTracker } = await shared('@jupyterlab/notebook');
    const { ISettingRegistry } = await shared('@jupyterlab/settingregistry');
    const apputils = await shared('@jupyterlab/apputils');
    const services = await shared('@jupyterlab/services');
    const { ICommandPalette, Notification } = apputils;

    async function copy(panel, attachments) {
      const notebook = selectedCells(panel);
      const text = toMarkdown(services, panel, notebook, attachments);
      try {
        await Promise.all([text, toClipboard(apputils, text)]);
        const cells = notebook.cells.length === 1 ? 'one cell' : `${notebook.cells.length} cells`;
        Notification.success(`Copied ${cells} for Obsidian`, { autoClose: 2000 });
      } catch (error) {
        apputils.showErrorMessage('Not copied for Obsidian', error.message); // a toast cuts it off
      }
    }

    return {
      id: 'bookrec-helpers:copy',
      description: 'Copies the selected cells as Markdown for a note in Obsidian.',
      autoStart: true,
      requires: [INotebookTracker, ISettingRegistry],
      optional: [ICommandPalette],
      activate: async (app, tracker, registry, palette) => {
        const settings = await registry.load('bookrec-helpers:copy');
        app.commands.addCommand(COPY, {
          label: 'Copy for Obsidian',
          isEnabled: () => tracker.currentWidget !== null,
          execute: () => copy(tracker.currentWidget, settings.get('attachmentsFolder').composite)
        });
        palette?.addItem({ command: COPY, category: 'Notebook Cell Operations' });
      }
    };
  }

  const STYLE = `
    .bookrec-callout {
      --bookrec-color: var(--jp-brand-color1);
      margin: 1em 0;
      padding: 0.5em 1em;
      border-left: 4px solid var(--bookrec-color);
      border-radius: 4px;
      background: color-mix(in srgb, var(--bookrec-color) 12%, var(--jp-layout-color1));
    }
    .bookrec-callout > :last-child { margin-bottom: 0; }
    .bookrec-callout > .bookrec-callout-title { margin: 0 0 0.4em; font-weight: 600; }
    .bookrec-callout > .bookrec-callout-title:last-child,
    details.bookrec-callout:not([open]) > .bookrec-callout-title { margin: 0; }
    summary.bookrec-callout-title { cursor: pointer; }
    summary.bookrec-callout-title:focus-visible { outline: 2px solid var(--bookrec-color); }
    .bookrec-callout:is(.bookrec-tip, .bookrec-hint, .bookrec-important,
      .bookrec-success, .bookrec-check, .bookrec-done) { --bookrec-color: var(--jp-success-color1); }
    .bookrec-callout:is(.bookrec-question, .bookrec-help, .bookrec-faq, .bookrec-warning,
      .bookrec-caution, .bookrec-attention) { --bookrec-color: var(--jp-warn-color1); }
    .bookrec-callout:is(.bookrec-failure, .bookrec-fail, .bookrec-missing, .bookrec-danger,
      .bookrec-error, .bookrec-bug) { --bookrec-color: var(--jp-error-color1); }
    .bookrec-callout:is(.bookrec-quote, .bookrec-cite) { --bookrec-color: var(--jp-ui-font-color3); }`;

  /** The box for a quote that begins with "[!tip] Title"; nothing for any other quote. */
  function calloutBox(document, quote) {
    const first = quote.firstElementChild;
    const mark = /^\[!([\w-]+)\]([+-]?)[ \t]*([^\n]*?)(?:<br>)?(?:\n|$)/.exec(first?.innerHTML ?? '');
    if (!mark || first.tagName !== 'P') {
      return null;
    }
    const [whole, type, fold, title] = mark;
    const box = document.createElement(fold ? 'details' : 'div');
    const head = document.createElement(fold ? 'summary' : 'p');
    box.className = `bookrec-callout bookrec-${type.toLowerCase()}`;
    box.toggleAttribute('open', fold === '+');
    head.className = 'bookrec-callout-title';
    head.innerHTML = title || type[0].toUpperCase() + type.slice(1).toLowerCase();
    first.innerHTML = first.innerHTML.slice(whole.length);
    if (!first.innerHTML.trim()) {
      first.remove();
    }
    box.append(head, ...quote.childNodes);
    return box;
  }

  function withCallouts(html) {
    const page = new DOMParser().parseFromString(html, 'text/html');
    for (const quote of [...page.querySelectorAll('blockquote')].reverse()) { // inner ones first
      const box = calloutBox(page, quote);
      if (box) {
        quote.replaceWith(box);
      }
    }
    return page.body.innerHTML;
  }

  async function calloutPlugin() {
    const { IMarkdownParser } = await shared('@jupyterlab/rendermime');
    return {
      id: 'bookrec-helpers:callouts',
      description: 'Shows the callouts of Markdown cells as boxes, folded ones as folds.',
      autoStart: true,
      requires: [IMarkdownParser],
      activate: (app, parser) => {
        const style = document.createElement('style');
        style.textContent = STYLE;
        document.head.append(style);
        // JupyterLab has no hook after its parser, so the parser itself is wrapped. What it
        // returns is sanitized afterwards, as ever.
        const render = parser.render.bind(parser);
        parser.render = async source => {
          const html = await render(source);
          return html.includes('[!') ? withCallouts(html) : html;
        };
      }
    };
  }

  /* ---- Labs: what their widgets cannot say in Python ---- */

  const LAB_STYLE = `
    .jp-OutputArea-output.jupyter-widgets:not(:has(*)) { font-size: 0; }
    .jp-OutputArea-output.jupyter-widgets:not(:has(*))::before {
      content: "Run this cell (Shift + Enter) to move the sliders.";
      font-size: var(--jp-content-font-size1);
    }`;

  /** Gives a lab's parts the names that a screen reader says, and keeps its keys to itself. */
  function nameParts(lab) {
    for (const part of lab.querySelectorAll('.noUi-handle, button, input, select')) {
      set(part, 'data-lm-suppress-shortcuts', 'true'); // else "x" cuts the cell
    }
    for (const control of lab.querySelectorAll('.bookrec-control')) {
      const name = control.querySelector('[data-now]');
      const handle = control.querySelector('.noUi-handle');
      if (name && handle) {
        set(handle, 'aria-label', name.textContent);
        set(handle, 'aria-valuetext', name.dataset.now);
        set(control.querySelector('input'), 'aria-label', `${name.textContent}, as a number`);
      }
    }
    for (const button of lab.querySelectorAll('.widget-play button')) {
      set(button, 'aria-label', button.title || button.querySelector('i').className);
    }
    const picture = lab.querySelector('.bookrec-live');
    if (picture) {
      set(picture, 'alt', lab.querySelector('.bookrec-spoken')?.textContent.trim() ?? '');
    }
  }

  function set(element, attribute, value) {
    if (element && element.getAttribute(attribute) !== value) { // or it would never end
      element.setAttribute(attribute, value);
    }
  }

  async function labsPlugin() {
    const { IRenderMimeRegistry, imageRendererFactory } = await shared('@jupyterlab/rendermime');
    return {
      id: 'bookrec-helpers:labs',
      description: 'Names the parts of labs, and gives pictures their text alternative.',
      autoStart: true,
      requires: [IRenderMimeRegistry],
      activate: (app, registry) => {
        const style = document.createElement('style');
        style.textContent = LAB_STYLE;
        document.head.append(style);
        const attributes = ['aria-valuetext', 'data-now'];
        new MutationObserver(changes => {
          const labs = changes.flatMap(({ target }) => // part of a lab, or a lab came into it
            target.closest('.bookrec-lab') ?? [...target.querySelectorAll('.bookrec-lab')]);
          new Set(labs).forEach(nameParts);
        }).observe(document.body, {
          childList: true, subtree: true, attributes: true, attributeFilter: attributes
        });
        registry.addFactory({
          ...imageRendererFactory,
          createRenderer: options => {
            const renderer = imageRendererFactory.createRenderer(options);
            const render = renderer.render.bind(renderer);
            renderer.render = async model => {
              await render(model);
              const { alt } = model.metadata[options.mimeType] ?? {};
              if (typeof alt === 'string') {
                renderer.node.querySelector('img').alt = alt;
              }
            };
            return renderer;
          }
        });
      }
    };
  }

  /* ---- end of labs ---- */

  // ---- Links to a heading ------------------------------------------------------------------

  /**
   * JupyterLab looks for the heading that a link names before the notebook that it opens has drawn
   * its cells, and then stays at the top. So it looks again once all of them are drawn: the first
   * time brings the cell into view, the second its heading to the top. And of a folded output it
   * shows the first line, which would answer a lesson's question: only the dots stay.
   */
  async function headingPlugin() {
    const { IDocumentManager } = await shared('@jupyterlab/docmanager');
    return {
      id: 'bookrec-helpers:headings',
      description: 'Leads a link to its heading, and keeps a folded output to itself.',
      autoStart: true,
      requires: [IDocumentManager],
      activate: (app, documents) => {
        const style = document.createElement('style');
        style.textContent = '.jp-OutputPlaceholder .jp-PlaceholderText { font-size: 0; }';
        document.head.append(style);
        app.commands.commandExecuted.connect(async (_, { id, args, result }) => {
          if (id !== 'rendermime:handle-local-link' || !args.id) {
            return;
          }
          await result;
          const panel = documents.findWidget(args.path, null);
          await panel?.context.ready;
          await Promise.all(panel?.content.widgets?.map(cell => cell.ready) ?? []);
          await panel?.setFragment(args.id);
          await panel?.setFragment(args.id);
        });
      }
    };
  }

  /* ---- Slides: lessons in the deck mode of jupyterlab-slideshow ---- */

  const SLIDE = { width: 960, height: 540 }; // what slides.css is written for
  const SLIDE_STYLE = new URL('slides.css', document.currentScript.src).href;
  const RUN_ALL = ['notebook:run-all-cells', 'notebook:restart-run-all'];

  function slidesPlugin() {
    const zoom = () => {
      const zoom = Math.min(innerWidth / SLIDE.width, innerHeight / SLIDE.height);
      document.body.style.setProperty('--bookrec-zoom', zoom);
    };

    /** A deck begins with its first slide, also after Run All, which ends at the last cell. */
    async function begin(shell, { id, result }) {
      const notebook = shell.currentWidget?.content;
      const presents = document.body.dataset.jpDeckMode === 'presenting';
      if (presents ? RUN_ALL.includes(id) : ['deck:start', 'deck:toggle'].includes(id)) {
        await (presents && result);
        if (notebook.activeCellIndex === notebook.widgets?.length - 1) {
          notebook.activeCellIndex = 0;
        }
      }
    }

    return {
      id: 'bookrec-helpers:slides',
      description: 'Slides that fill the wall, begin with the first, and hide their code.',
      autoStart: true,
      activate: app => {
        const link = document.createElement('link');
        document.head.append(Object.assign(link, { rel: 'stylesheet', href: SLIDE_STYLE }));
        zoom();
        window.addEventListener('resize', zoom);
        app.commands.commandExecuted.connect((_, command) => begin(app.shell, command));
        app.commands.addCommand('bookrec:slide-code', {
          label: 'Show or Hide the Code of Slides',
          execute: () => app.shell.currentWidget.toggleClass('bookrec-code')
        });
        app.commands.addKeyBinding({
          command: 'bookrec:slide-code',
          keys: ['C'],
          selector: '.jp-Deck .jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite) :focus'
        });
      }
    };
  }

  /* ---- end of slides ---- */

  // ---- What JupyterLab gets ----------------------------------------------------------------

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB['bookrec-helpers'] = {
    init: modules => { sharedModules = modules; },
    get: async () => {
      const plugins = [
        await copyPlugin(), await calloutPlugin(), await labsPlugin(), await headingPlugin(),
        slidesPlugin()
      ];
      return () => ({ __esModule: true, default: plugins });
    }
  };
})();

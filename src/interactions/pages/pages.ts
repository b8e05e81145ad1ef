import type { Context } from 'koa';
import type { Mount } from '../../http/index.ts';
import { createAssets } from './assets.ts';
import type { Brand } from './brand.ts';
import { initials } from './display.ts';
import { pageHeaders } from './headers.ts';
import { compileTemplates } from './templates.ts';
import { english, type Texts } from './texts.ts';
import type { Page } from './types.ts';
import { viewOf } from './views.ts';
import { fill } from './words.ts';

/** What every page is set in: whose it is, and how it looks. */
export interface Frame {
  readonly lang: string;
  readonly dir: string;
  /** Path of the stylesheet. */
  readonly stylesheet: string;
  readonly brand: {
    readonly name: string;
    readonly initial: string;
    /** Path of the logo. */
    readonly logo: string | undefined;
    readonly alt: string;
  };
}

export interface Pages {
  readonly frame: Frame;
  /** The page as HTML. */
  render(page: Page): string;
  /** Answers with the page and its headers, never cached. */
  send(ctx: Context, status: number, page: Page): void;
  /** The routes of the stylesheet and the logo. */
  readonly mount: Mount;
}

/** Makes the pages of one brand, in the words of one language. Reads the templates, once. */
export function createPages(brand: Brand, texts: Texts = english): Pages {
  const template = compileTemplates();
  const assets = createAssets(brand);
  const frame: Frame = {
    lang: texts.lang,
    dir: texts.dir,
    stylesheet: assets.stylesheetHref,
    brand: {
      name: brand.name,
      initial: initials(brand.name).slice(0, 1),
      logo: assets.logoHref,
      alt: fill(texts.brandLogo, { brand: brand.name }),
    },
  };

  function render(page: Page): string {
    const view = viewOf(page, { texts, brand: brand.name });
    const title = fill(texts.title, { heading: view.heading, brand: brand.name });
    return template(view.template, {
      ...frame,
      ...view,
      title: view.failed === true ? fill(texts.errorTitle, { title }) : title,
    });
  }

  return {
    frame,
    render,
    send(ctx, status, page) {
      ctx.status = status;
      ctx.set(pageHeaders(page));
      ctx.type = 'text/html; charset=utf-8';
      ctx.body = render(page);
    },
    mount: assets.mount,
  };
}

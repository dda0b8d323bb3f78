const maxBytes = 1024;
const ellipsis = '…';
const encoder = new TextEncoder();

/** A place in the output to come back to. */
interface Mark {
  readonly parts: number;
  readonly chars: number;
  readonly depth: number;
}

/** What is left of a statement, token by token. Repetitions are taken back as they are written. */
export class SqlOutput {
  readonly #parts: string[] = [];
  #chars = 0;
  #depth = 0;
  #isSpaceDue = false;
  #lastWord = '';
  #endsInWord = false;
  /** Behind the parenthesis of `IN (`, as long as nothing but values came. */
  #list: Mark | undefined;
  /** Behind the first row of `VALUES (…)`, as long as nothing but rows came. */
  #rows: Mark | undefined;
  /** Inside of the first row: the depth that it is on. */
  #firstRow: number | undefined;

  /** Whether no more of the statement can matter. What may yet be taken back does not count. */
  get isFull(): boolean {
    return this.#chars > maxBytes && this.#list === undefined && this.#rows === undefined;
  }

  get endsInWord(): boolean {
    return this.#endsInWord;
  }

  space(): void {
    this.#isSpaceDue = true;
  }

  value(text: string): void {
    if (!this.#isInRow()) this.#rows = undefined;
    this.#push(text);
  }

  word(text: string): void {
    this.#list = undefined;
    if (!this.#isInRow()) this.#rows = undefined;
    this.#push(text);
    this.#lastWord = text.length <= 6 ? text.toUpperCase() : '';
    this.#endsInWord = true;
  }

  /** @param isCut whether there was more to come */
  finish(isCut: boolean): string {
    return cut(this.#parts.join(''), isCut);
  }

  /** Any other character. */
  sign(char: string): void {
    if (char === '(') this.#open();
    else if (char === ')') this.#close();
    else this.#other(char);
  }

  #other(char: string): void {
    const isBetweenRows = char === ',' && this.#rows?.depth === this.#depth;
    if (!isBetweenRows && !this.#isInRow()) this.#rows = undefined;
    if (char !== ',' && char !== '-' && char !== '+') this.#list = undefined;
    this.#push(char);
  }

  #isInRow(): boolean {
    return this.#rows !== undefined && this.#depth > this.#rows.depth;
  }

  #open(): void {
    const after = this.#lastWord;
    this.#push('(');
    if (after === 'VALUES') {
      this.#rows = undefined;
      this.#firstRow = this.#depth;
    }
    this.#depth++;
    if (after === 'IN') this.#list = this.#mark();
  }

  #close(): void {
    this.#depth--;
    const list = this.#list;
    if (list !== undefined && list.depth === this.#depth + 1) {
      this.#list = undefined;
      const isEmpty = this.#parts.length === list.parts;
      this.#goBack(list);
      if (!isEmpty) this.#push('?');
    }
    if (this.#rows?.depth === this.#depth) {
      this.#goBack(this.#rows);
      return;
    }
    if (!this.#isInRow()) this.#rows = undefined;
    this.#push(')');
    if (this.#firstRow === this.#depth) {
      this.#firstRow = undefined;
      this.#rows = this.#mark();
    }
  }

  #mark(): Mark {
    return { parts: this.#parts.length, chars: this.#chars, depth: this.#depth };
  }

  #goBack({ parts, chars }: Mark): void {
    if (this.#parts.length > parts) this.#parts.length = parts;
    this.#chars = chars;
    this.#isSpaceDue = false;
  }

  #push(text: string): void {
    this.#endsInWord = false;
    this.#lastWord = '';
    // Only what is taken back can still come: it need not be kept.
    if (this.#chars > maxBytes) return;
    if (this.#isSpaceDue && this.#parts.length > 0) {
      this.#parts.push(' ');
      this.#chars++;
    }
    this.#isSpaceDue = false;
    this.#parts.push(text);
    this.#chars += text.length;
  }
}

/** At most so many bytes, and no half character. */
function cut(text: string, isCut: boolean): string {
  const isShort = text.length * 3 <= maxBytes || encoder.encode(text).length <= maxBytes;
  if (isShort && !isCut) return text;
  const room = new Uint8Array(maxBytes - encoder.encode(ellipsis).length);
  return text.slice(0, encoder.encodeInto(text, room).read) + ellipsis;
}

/** How many places of what was taken may be kept, at least: moving a few is cheaper than allocating. */
const MOST_EMPTY_PLACES = 32;

/** First in, first out; never longer than twice what is in it. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  get first(): T | undefined {
    return this.#items[this.#first];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#first];
    this.#items[this.#first] = undefined;
    this.#first += 1;
    if (this.#first >= this.#items.length) {
      this.#items = [];
      this.#first = 0;
    } else if (this.#first > MOST_EMPTY_PLACES && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = this.#first; index < this.#items.length; index += 1) yield this.#items[index]!;
  }
}

// Keeping up with live events: what is shown stays until there is something newer to show.

/** Adds `refresh` to a GamifyElement. */
export const Refreshing = (Base) =>
  class extends Base {
    /** Events of the page's other elements that tell of something that this one shows too. */
    static follows = [];

    connectedCallback() {
      super.connectedCallback();
      this.followed ??= (event) => this.follow(event);
      for (const name of this.constructor.follows) document.addEventListener(name, this.followed);
    }

    disconnectedCallback() {
      super.disconnectedCallback();
      for (const name of this.constructor.follows) document.removeEventListener(name, this.followed);
    }

    /** Of the same learner, and not its own; the path tells who fired it, also within other elements. */
    follow(event) {
      const [other] = event.composedPath();
      if (other !== this && other.api === this.api && other.session === this.session) this.refresh();
    }

    /**
     * Fetch again because something moved. However often it is asked, one call is under way, and one
     * follows. If that fails, the last that was known stays: the next event asks again. What is as it
     * was is not made anew.
     */
    async refresh() {
      this.stale = true;
      if (this.data === null || this.error || this.refreshing) return;
      this.refreshing = true;
      try {
        while (this.stale) {
          this.stale = false;
          const { turn } = this;
          const data = await this.load();
          if (turn !== this.turn) return;
          const isNew = JSON.stringify(data) !== JSON.stringify(this.data);
          this.data = data;
          if (isNew) this.update();
        }
      } catch (error) {
        if (!error.kind && error.name !== "AbortError") console.error(error);
      } finally {
        this.refreshing = false;
      }
    }

    /** What moved while the first answer was on its way may not be in it. */
    update() {
      super.update();
      if (this.stale) this.refresh();
    }
  };

/** Cuts a stream of bytes into lines, with a limit: what is sent to us must not fill our memory. */
export interface LineCutter {
  /** @returns the lines that ended; undefined where one grew over the limit (nothing more is cut then) */
  add(chunk: Buffer): readonly string[] | undefined;
}

/** @param longestBytes of a line without its newline */
export function createLineCutter(longestBytes: number): LineCutter {
  let parts: Buffer[] = [];
  let heldBytes = 0;
  return {
    add(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        parts.push(chunk.subarray(start, end));
        heldBytes += end - start;
        if (heldBytes > longestBytes) return undefined;
        lines.push(Buffer.concat(parts).toString('utf8'));
        parts = [];
        heldBytes = 0;
        start = end + 1;
      }
      const rest = chunk.subarray(start);
      heldBytes += rest.length;
      if (heldBytes > longestBytes) return undefined;
      if (rest.length > 0) parts.push(rest);
      return lines;
    },
  };
}

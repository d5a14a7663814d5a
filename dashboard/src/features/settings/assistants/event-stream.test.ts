import { describe, expect, it } from "vitest";
import { EventCutter, eventsOf } from "@/features/settings/assistants/event-stream";

describe("a stream of events", () => {
  it("is cut where events end, however the pieces come", () => {
    const cutter = new EventCutter();
    expect(cutter.push('data: "Hel')).toEqual([]);
    expect(cutter.push('lo"\n')).toEqual([]);
    expect(cutter.push('\nevent: done\ndata: {"a": 1}\n\ndata: "x"')).toEqual([
      { name: "message", data: '"Hello"' },
      { name: "done", data: '{"a": 1}' },
    ]);
  });

  it("leaves out comments", () => {
    expect(new EventCutter().push(": waiting\n\ndata: 1\n\n")).toEqual([{ name: "message", data: "1" }]);
  });

  it("keeps a letter that two pieces share", async () => {
    const bytes = new TextEncoder().encode('data: "é"\n\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 8));
        controller.enqueue(bytes.slice(8));
        controller.close();
      },
    });
    const found = [];
    for await (const event of eventsOf(body)) found.push(event.data);
    expect(found).toEqual(['"é"']);
  });
});

import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Markup, mentionPattern } from "@/features/thread/markup-view";

describe("a message's words on the page", () => {
  it("are text, whatever they say", () => {
    const text = "<img src=x onerror=alert(1)> *<script>alert(2)</script>* javascript:alert(3)";
    const { container } = render(<p><Markup text={text} /></p>);
    expect(container.querySelectorAll("img, script, a")).toHaveLength(0);
    expect(container.textContent).toBe(text.replaceAll("*", ""));
  });

  it("link out without telling where from, and without a way back", () => {
    render(<Markup text="see https://a.test/x" />);
    const link = screen.getByRole("link");
    expect(link.getAttribute("href")).toBe("https://a.test/x");
    expect(link.getAttribute("rel")).toBe("noopener noreferrer");
  });

  it("show an SMS as it was typed", () => {
    const { container } = render(<p><Markup text="2 *3* ~4~" styles={false} /></p>);
    expect(container.innerHTML).toBe("<p>2 *3* ~4~</p>");
  });

  it("mark whom a note mentions, the longest name first, and no part of another name", () => {
    const { container } = render(<p><Markup text="@Ana Maria, @ana and @Anatole" mentions={["Ana", "Ana Maria"]} /></p>);
    expect([...container.querySelectorAll("strong")].map((one) => one.textContent)).toEqual(["@Ana Maria", "@ana"]);
  });

  it("take a name that looks like a pattern as a name", () => {
    expect("@a.b (c)".split(mentionPattern(["a.b (c)"])!)[1]).toBe("@a.b (c)");
  });
});

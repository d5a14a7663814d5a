/** A message's words, always as text nodes: formatting and links are elements of our own making. */

import { Fragment, memo, useMemo, type ReactNode } from "react";
import { parse, type MarkupNode } from "@/features/thread/markup";

interface MarkupProps {
  text: string;
  /** SMS shows the marks themselves. */
  styles?: boolean;
  /** Names that stand as @name in a note. */
  mentions?: string[];
}

const NONE: string[] = [];

export const Markup = memo(function Markup({ text, styles = true, mentions = NONE }: MarkupProps) {
  const nodes = useMemo(() => parse(text, { styles }), [text, styles]);
  const pattern = useMemo(() => mentionPattern(mentions), [mentions]);
  return <>{nodes.map((node, index) => <Fragment key={index}>{draw(node, pattern)}</Fragment>)}</>;
});

function draw(node: MarkupNode, mentions: RegExp | null): ReactNode {
  switch (node.type) {
    case "text":
      return mentions ? withMentions(node.text, mentions) : node.text;
    case "link":
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer" className="break-all underline underline-offset-2">
          <bdi>{node.text}</bdi>
        </a>
      );
    case "code":
      return <code className={`rounded bg-sunken px-1 font-mono text-sm ${node.fence === "```" ? "block py-0.5" : ""}`} dir="ltr">{node.text}</code>;
    case "bold":
      return <strong>{children(node.children, mentions)}</strong>;
    case "italic":
      return <em>{children(node.children, mentions)}</em>;
    case "strike":
      return <s>{children(node.children, mentions)}</s>;
  }
}

function children(nodes: MarkupNode[], mentions: RegExp | null): ReactNode {
  return nodes.map((node, index) => <Fragment key={index}>{draw(node, mentions)}</Fragment>);
}

function withMentions(text: string, pattern: RegExp): ReactNode {
  return text.split(pattern).map((part, index) =>
    index % 2 ? <strong key={index} className="rounded bg-note-line/40 px-0.5"><bdi>{part}</bdi></strong> : part);
}

/** One group, so that what is split off stands at the odd places. */
export function mentionPattern(names: string[]): RegExp | null {
  if (names.length === 0) return null;
  // The longest first: "@Ana Maria" is not "@Ana".
  const escaped = [...names].sort((one, other) => other.length - one.length).map(escape);
  return new RegExp(`(@(?:${escaped.join("|")}))(?![\\p{L}\\p{N}])`, "giu");
}

function escape(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

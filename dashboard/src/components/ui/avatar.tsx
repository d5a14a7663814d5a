import { cx } from "@/lib/class-names";

const SIZES = { xs: "size-5 text-[0.625rem]", sm: "size-6 text-xs", md: "size-9 text-sm", lg: "size-14 text-lg" };
const COLORS = ["slate", "orange", "amber", "green", "teal", "blue", "violet", "pink"];
const GROUNDS: Record<string, string> = {
  slate: "bg-label-slate text-label-slate-ink",
  orange: "bg-label-orange text-label-orange-ink",
  amber: "bg-label-amber text-label-amber-ink",
  green: "bg-label-green text-label-green-ink",
  teal: "bg-label-teal text-label-teal-ink",
  blue: "bg-label-blue text-label-blue-ink",
  violet: "bg-label-violet text-label-violet-ink",
  pink: "bg-label-pink text-label-pink-ink",
};

export interface AvatarProps {
  name: string;
  /** Chooses the colour, so that one person always has the same. */
  id?: string;
  size?: keyof typeof SIZES;
  /** Told to people who do not see it; leave out where the name stands beside it. */
  label?: string;
  className?: string;
}

/** Initials on a colour. */
export function Avatar({ name, id, size = "md", label, className }: AvatarProps) {
  const color = COLORS[hash(id ?? name) % COLORS.length] ?? "slate";
  return (
    <span
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      className={cx("inline-flex shrink-0 select-none items-center justify-center rounded-full font-semibold", SIZES[size], GROUNDS[color], className)}
    >
      {initials(name)}
    </span>
  );
}

/** Up to two letters of names; the last two digits of a number. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => /\p{L}/u.test(word));
  if (words.length === 0) return name.replace(/\D/g, "").slice(-2) || "?";
  const last = words.length > 1 ? words.at(-1) : "";
  return [words[0], last].map((word) => /\p{L}/u.exec(word ?? "")?.[0] ?? "").join("").toLocaleUpperCase();
}

function hash(text: string): number {
  let value = 7;
  for (let index = 0; index < text.length; index++) value = (value * 31 + text.charCodeAt(index)) >>> 0;
  return value;
}

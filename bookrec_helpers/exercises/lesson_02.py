"""Exercises of lesson 02: the rule, what tables cost, what fits into d numbers."""

from bookrec_helpers.exercises.judging import Exercise, calls

BUDGETS = ((10, 10_000), (1_000, 10_000), (1_000, 100_000), (1_000, 9_999_999), (1_000, 50))


def budget(rows_a_number=5, cap=50, least=1):
    """The answer to 02.4, and its usual mistakes by other settings."""
    return lambda n, rows: max(least, min(cap, (n + 1) // 2, rows // (rows_a_number * n)))


EXERCISES = {
    "02.1": Exercise(
        asks="a function that takes n and gives the dimension",
        hint="Work out 7 categories on paper first. Half of 7 is 3.5: which whole number comes "
        "next? And what keeps 1,000 categories from getting 500?",
        solution="""
def my_dimension(n):
    return min(50, (n + 1) // 2)
""",
        right="Half of n, rounded up, and never above 50.",
        wrong=(
            (
                lambda n: min(50, n // 2),
                "You rounded down: `//` drops the half. 7 categories get 4, and a single "
                "one would get a vector of no numbers.",
            ),
            (
                lambda n: min(50, max(1, n // 2)),
                "A single category is right now, but 7 still get 3: rounded down. Rounded up, "
                "1 needs no special case.",
            ),
            (lambda n: (n + 1) // 2, "The cap is missing: 1,000 categories get 50, not 500."),
            (
                lambda n: max(50, (n + 1) // 2),
                "`max` takes the larger of the two. The rule takes the smaller: `min`.",
            ),
            (
                lambda n: min(50, n / 2),
                "A dimension is a whole number, and this gives 3.5 for 7. Round up.",
            ),
            (
                lambda n: min(50, n // 2 + 1),
                "Odd numbers are right, but 10 categories get 6: one too many. Add the 1 before "
                "you halve.",
            ),
        ),
        seen=calls("my_dimension", (1,), (7,), (10,), (98,), (1_000,)),
    ),
    "02.2": Exercise(
        asks="a number of megabytes",
        hint="Rows times columns are the numbers in the table. Each takes 4 bytes. A megabyte "
        "is a million bytes.",
        solution="my_megabytes = 20_000 * 50 * 4 / 1_000_000",
        right="A million numbers, 4 bytes each.",
        wrong=(
            (1, "These are the numbers, in millions. Each of them takes 4 bytes."),
            (4_000_000, "These are the bytes. The question asks for megabytes."),
            (0.08, "One number a book: you left out that each book has 50."),
            (32, "A number has 32 bits, and these are 4 bytes."),
            (
                16,
                "This is what training with Adam takes, which keeps three more numbers beside "
                "each. The table alone is smaller.",
            ),
        ),
        otherwise="Not yet. Multiply books, dimensions and bytes, then divide by a million.",
    ),
    "02.3": Exercise(
        asks="a whole number",
        hint="Two points fit on a line, three in a plane, as a triangle. Four fit in space, as "
        "a pyramid. Continue.",
        solution="my_smallest = 5 - 1",
        right="Each new point needs a direction of its own, except the first: n equally different "
        "categories need n − 1 numbers.",
        wrong=(
            (
                5,
                "A one-hot vector does it with 5. But three genres needed only two numbers: the "
                "first point costs nothing.",
            ),
            (
                3,
                "This is what the rule gives 5 categories. The rule is a place to begin; it "
                "does not promise that every arrangement fits. Three numbers hold 4 points.",
            ),
            (
                2,
                "In a plane, three points can be equally far apart. Try to add a fourth one to "
                "the triangle.",
            ),
            (1, "On a line, two points at the most are equally far from each other."),
        ),
        otherwise="Not yet. How many did two genres need, and how many did three need?",
    ),
    "02.4": Exercise(
        asks="a function that takes n and rows and gives the dimension",
        hint="A table of n rows and d columns has n · d numbers. Five notes for each means "
        "5 · n · d notes at the most. Solve for d, then take the smallest of your limits.",
        solution="""
def my_budget(n, rows):
    affordable = rows // (5 * n)
    return max(1, min(50, (n + 1) // 2, affordable))
""",
        right="Your rule asks what none of the published ones does: how much there is to learn "
        "from.",
        wrong=(
            (
                budget(least=0),
                "With 50 notes for 1,000 books you give no number at all. A vector has at least 1.",
            ),
            (
                budget(cap=10**9),
                "With millions of notes you go above the rule: 1,000 books get 50 at the most.",
            ),
            (
                budget(rows_a_number=1),
                "This leaves one note for each number. The budget asks for five.",
            ),
            (
                lambda n, rows: max(1, min(50, rows // (5 * n))),
                "10 books get 50 numbers here. Take the whole rule as a ceiling, n / 2 included.",
            ),
            (
                lambda n, rows: max(1, min(50, (n + 1) // 2, rows // 5)),
                "You budgeted for one book's vector. The table has n of them.",
            ),
            (
                lambda n, rows: max(1, min(50, (n + 1) // 2, -(-rows // (5 * n)))),
                "50 notes are right, but you rounded the budget up somewhere. Rounding up breaks "
                "the promise of five notes.",
            ),
        ),
        seen=calls("my_budget", *BUDGETS, (300, 40_000)),
    ),
}

using Spectre.Console;

namespace Pipeline.Local.Commands;

/// <summary>
/// Tells a person what happens: lines that stay, and on a terminal one line below them that shows what goes on now.
/// </summary>
internal sealed class Narrator
{
    private const int SpinnerWidth = 4;

    private readonly IAnsiConsole? terminal;
    private readonly TextWriter writer;
    private StatusContext? status;

    private Narrator(IAnsiConsole? terminal, TextWriter writer)
    {
        this.terminal = terminal;
        this.writer = writer;
    }

    /// <param name="besideJson">Standard output belongs to a JSON document; lines go to standard error.</param>
    public static Narrator Create(bool besideJson) => besideJson
        ? new Narrator(null, CommandSession.Error)
        : new Narrator(Console.IsOutputRedirected ? null : AnsiConsole.Console, CommandSession.Out);

    /// <summary>Prints a line.</summary>
    public void Say(string line)
    {
        lock (writer)
        {
            if (terminal is null || status is null) writer.WriteLine(line);
            else terminal.WriteLine(PlainTextWriter.Plain(line));
        }
    }

    /// <summary>Replaces the line that shows what goes on now; without a terminal nothing is printed.</summary>
    public void Show(string activity)
    {
        if (status is { } shown) shown.Status = Markup.Escape(FitTo(terminal!.Profile.Width, PlainTextWriter.OneLine(activity)));
    }

    // A line that wraps would not be taken back whole when it is replaced.
    private static string FitTo(int width, string text) =>
        text.Length + SpinnerWidth < width ? text : text[..Math.Max(0, width - SpinnerWidth - 1)];

    /// <summary>Runs work with the line of what goes on now below it.</summary>
    public async Task<T> DuringAsync<T>(string activity, Func<Task<T>> work)
    {
        if (terminal is null || status is not null) return await work();
        return await terminal.Status().StartAsync(Markup.Escape(activity), async context =>
        {
            status = context;
            try
            {
                return await work();
            }
            finally
            {
                status = null;
            }
        });
    }
}

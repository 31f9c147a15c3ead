using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pipeline.Testing;

/// <summary>What a process left behind.</summary>
/// <param name="ExitCode">Its exit code; 128 + the signal's number where a signal ended it.</param>
/// <param name="Output">All of its standard output.</param>
/// <param name="Error">All of its standard error.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>
/// A process whose output and error are read by the test, with an empty standard input unless the test writes it. Disposal
/// kills it, and what it started, if it is still running. One thread at a time.
/// </summary>
public sealed partial class Command : IDisposable
{
    private readonly Process _process;

    private Command(Process process) => _process = process;

    /// <summary>The process's identifier.</summary>
    public int Id => _process.Id;

    /// <summary>What the process writes to standard output, for tests that wait for a line of it.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <summary>The process's standard input, where it was started with an open one.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>What the process writes to standard error, for tests that wait for a line of it.</summary>
    public StreamReader Error => _process.StandardError;

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments, each as it is.</param>
    /// <param name="environment">Variables to set; a null value removes one. Null leaves this process's as they are.</param>
    /// <param name="folder">Its working directory; null for this process's.</param>
    /// <param name="openInput">Whether its standard input stays open for <see cref="Input"/>.</param>
    public static Command Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? folder = null,
        bool openInput = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        if (!openInput)
        {
            process.StandardInput.Close();
        }

        return new Command(process);
    }

    /// <summary>Starts a program and waits for its end; see <see cref="Start"/> and <see cref="WaitAsync"/>.</summary>
    public static async Task<CommandResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? folder = null)
    {
        using Command command = Start(program, arguments, environment, folder);
        return await command.WaitAsync();
    }

    /// <summary>Waits for the end, at most two minutes, and returns what was not read yet.</summary>
    /// <exception cref="TimeoutException">It is still running; what it wrote so far is in the message.</exception>
    public async Task<CommandResult> WaitAsync()
    {
        Task<string> output = _process.StandardOutput.ReadToEndAsync();
        Task<string> error = _process.StandardError.ReadToEndAsync();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException exception)
        {
            string name = _process.StartInfo.FileName;
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{name} did not end within two minutes. It wrote:\n{await output}{await error}", exception);
        }

        return new CommandResult(_process.ExitCode, await output, await error);
    }

    /// <summary>Reads lines up to the first that has a text.</summary>
    /// <returns>That line.</returns>
    /// <exception cref="EndOfStreamException">It never came.</exception>
    public static async Task<string> ReadUntilAsync(StreamReader reader, string text)
    {
        string line;
        do
        {
            line = await reader.ReadLineAsync() ?? throw new EndOfStreamException($"'{text}' never came.");
        }
        while (!line.Contains(text, StringComparison.Ordinal));

        return line;
    }

    /// <summary>Sends the process a signal: 2 interrupts, 15 terminates.</summary>
    public void Signal(int number)
    {
        if (Kill(Id, number) != 0)
        {
            throw new InvalidOperationException($"The process {Id} can't be signalled.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}

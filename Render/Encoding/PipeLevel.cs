using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Render;

/// <summary>How full a pipe is: what one end has written and the other has not read yet. Any thread may ask.</summary>
internal sealed partial class PipeLevel
{
    /// <summary>Linux's number of the request, the same on all processors that .NET runs on there.</summary>
    private const nuint BytesToRead = 0x541B;

    private readonly SafePipeHandle _end;

    /// <summary>Looks at a pipe.</summary>
    /// <param name="end">Either end of it, which stays its owner's: a standard stream of a <see cref="System.Diagnostics.Process"/>.</param>
    public PipeLevel(Stream end) => _end = ((PipeStream)end).SafePipeHandle;

    /// <summary>The bytes inside; 0 once our end is closed.</summary>
    public int Bytes
    {
        get
        {
            try
            {
                return ReadLevel(_end, BytesToRead, out int bytes) == 0 ? bytes : 0;
            }
            catch (ObjectDisposedException)
            {
                return 0;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int ReadLevel(SafePipeHandle end, nuint request, out int bytes);
}

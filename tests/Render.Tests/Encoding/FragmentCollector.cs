namespace Pipeline.Render.Tests.Encoding;

/// <summary>Keeps what an encoder gives, with its leases, and writes it into a file as it came.</summary>
internal sealed class FragmentCollector : IDisposable
{
    private readonly List<EncodedFragment> _fragments = [];

    public IReadOnlyList<EncodedFragment> Fragments
    {
        get
        {
            lock (_fragments)
            {
                return [.. _fragments];
            }
        }
    }

    /// <summary>Takes a fragment with its lease.</summary>
    public void Take(EncodedFragment fragment)
    {
        lock (_fragments)
        {
            _fragments.Add(fragment);
        }
    }

    public void WriteTo(string path)
    {
        using FileStream file = File.Create(path);
        file.Write(Fragments[0].Init.Bytes.Span);
        foreach (EncodedFragment fragment in Fragments)
        {
            file.Write(fragment.Bytes.Span);
        }
    }

    public void Dispose()
    {
        foreach (EncodedFragment fragment in Fragments)
        {
            fragment.Release();
        }
    }
}

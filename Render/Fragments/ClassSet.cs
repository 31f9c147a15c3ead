using System.Numerics;
using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>A set of class ids, a bit for each; it allocates only when it meets a greater id than before. One thread at a time.</summary>
internal sealed class ClassSet
{
    /// <summary>Greater ids, and negative ones, are left out: no model has them.</summary>
    private const int GreatestId = 65_535;

    private const int BitsPerWord = 64;

    private ulong[] _words = [];

    /// <summary>How many classes are in it.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>All ids, ascending.</summary>
    public IEnumerable<int> Ids => Enumerable.Range(0, _words.Length * BitsPerWord).Where(Contains);

    /// <summary>Empties it.</summary>
    public void Clear() => Array.Clear(_words);

    /// <summary>Whether a class is in it.</summary>
    public bool Contains(int id) =>
        id >= 0 && id / BitsPerWord < _words.Length && (_words[id / BitsPerWord] & (1UL << (id % BitsPerWord))) != 0;

    /// <summary>Adds a class.</summary>
    public void Add(int id)
    {
        if (id is < 0 or > GreatestId)
        {
            return;
        }

        Reserve((id / BitsPerWord) + 1);
        _words[id / BitsPerWord] |= 1UL << (id % BitsPerWord);
    }

    /// <summary>Adds the classes of detections.</summary>
    public void Add(ReadOnlySpan<Detection> detections)
    {
        foreach (ref readonly Detection detection in detections)
        {
            Add(detection.ClassId);
        }
    }

    /// <summary>Adds all of another set.</summary>
    public void Add(ClassSet other)
    {
        Reserve(other._words.Length);
        for (int i = 0; i < other._words.Length; i++)
        {
            _words[i] |= other._words[i];
        }
    }

    /// <summary>Whether the two sets share a class.</summary>
    public bool Overlaps(ClassSet other)
    {
        for (int i = 0; i < Math.Min(_words.Length, other._words.Length); i++)
        {
            if ((_words[i] & other._words[i]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Reserve(int words)
    {
        if (words > _words.Length)
        {
            Array.Resize(ref _words, words);
        }
    }
}

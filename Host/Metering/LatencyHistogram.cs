using System.Numerics;

namespace Pipeline.Host.Metering;

/// <summary>
/// Counts durations in buckets that grow with them: 32 to each doubling, so that a quantile is off by at most 1.6 %.
/// </summary>
/// <remarks>Any number of threads may add and read; adding takes no lock and allocates nothing.</remarks>
public sealed class LatencyHistogram
{
    private const int BucketsPerOctaveBits = 5;
    private const int BucketsPerOctave = 1 << BucketsPerOctaveBits;

    // Microseconds up to 2^37: more than a day.
    private const int Octaves = 37;

    private readonly long[] _counts = new long[(Octaves - BucketsPerOctaveBits + 1) * BucketsPerOctave];
    private long _total;
    private long _sumTicks;

    /// <summary>Durations added.</summary>
    public long Count => Volatile.Read(ref _total);

    /// <summary>Adds a duration; a negative one counts as 0.</summary>
    public void Add(TimeSpan duration)
    {
        ulong microseconds = (ulong)Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        Interlocked.Increment(ref _counts[BucketOf(microseconds)]);
        Interlocked.Increment(ref _total);
        Interlocked.Add(ref _sumTicks, Math.Max(0, duration.Ticks));
    }

    /// <summary>How many durations are at most as long as each of some bounds, to within a bucket.</summary>
    /// <param name="bounds">The bounds, ascending.</param>
    /// <param name="total">All durations; never fewer than the last count, even while others add.</param>
    /// <param name="sum">All of them added up.</param>
    public long[] CountsUpTo(ReadOnlySpan<TimeSpan> bounds, out long total, out TimeSpan sum)
    {
        long[] counts = new long[bounds.Length];
        long seen = 0;
        int bucket = 0;
        for (int i = 0; i < bounds.Length; i++)
        {
            for (; bucket < _counts.Length && MiddleOf(bucket) <= bounds[i].TotalMicroseconds; bucket++)
            {
                seen += Volatile.Read(ref _counts[bucket]);
            }

            counts[i] = seen;
        }

        sum = new TimeSpan(Volatile.Read(ref _sumTicks));
        total = Math.Max(seen, Count);
        return counts;
    }

    /// <summary>The duration below which this share of all durations lies; zero where there is none.</summary>
    /// <param name="share">0 to 1: .5 for the median.</param>
    public TimeSpan Quantile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += Volatile.Read(ref _counts[bucket]);
            if (seen >= rank)
            {
                return TimeSpan.FromMicroseconds(MiddleOf(bucket));
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>
    /// Up to 32 µs a bucket a microsecond; above, the number's leading bit chooses the octave and the five bits after it
    /// the bucket.
    /// </summary>
    private static int BucketOf(ulong microseconds)
    {
        if (microseconds < BucketsPerOctave)
        {
            return (int)microseconds;
        }

        int octave = Math.Min(BitOperations.Log2(microseconds), Octaves - 1);
        int shift = octave - BucketsPerOctaveBits;
        int within = (int)Math.Min((microseconds >> shift) - BucketsPerOctave, BucketsPerOctave - 1);
        return ((shift + 1) << BucketsPerOctaveBits) + within;
    }

    private static double MiddleOf(int bucket)
    {
        int shift = (bucket >> BucketsPerOctaveBits) - 1;
        if (shift < 0)
        {
            return bucket;
        }

        double width = Math.ScaleB(1, shift);
        return ((BucketsPerOctave + (bucket & (BucketsPerOctave - 1))) * width) + ((width - 1) / 2);
    }
}

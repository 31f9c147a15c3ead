namespace Pipeline.Inference;

/// <summary>
/// What values a tensor takes over all calibration images: a histogram whose range doubles when a value falls outside,
/// so that one pass over the images is enough, and the mean of each channel. Not thread-safe.
/// </summary>
internal sealed class ActivationStatistics
{
    private const int Bins = 4096;

    private readonly long[] _histogram = new long[Bins];
    private readonly double[] _channelSums;
    private double _bound = 1.0 / 1024;
    private float _minimum;
    private float _maximum;
    private long _count;

    /// <summary>Statistics of a tensor with so many channels.</summary>
    public ActivationStatistics(int channels) => _channelSums = new double[channels];

    /// <summary>The mean of each channel.</summary>
    public double[] ChannelMeans => [.. _channelSums.Select(sum => sum * _channelSums.Length / Math.Max(_count, 1))];

    /// <summary>Counts the values of one image.</summary>
    /// <param name="values">[channels, …], row-major.</param>
    /// <exception cref="ModelException">A value is not finite.</exception>
    public void Add(ReadOnlySpan<float> values)
    {
        int each = values.Length / _channelSums.Length;
        for (int channel = 0; channel < _channelSums.Length; channel++)
        {
            _channelSums[channel] += Widen(values.Slice(channel * each, each));
        }

        // A value on the upper bound itself would be one bin too far.
        double perBin = Bins / (2 * _bound);
        foreach (float value in values)
        {
            _histogram[Math.Min((int)((value + _bound) * perBin), Bins - 1)]++;
        }

        _count += values.Length;
    }

    /// <summary>
    /// The range that holds all but a share of the values, cut off evenly at both ends; 0 is always in it.
    /// </summary>
    /// <param name="share">Share of the values to hold: above 0.5, at most 1 for all of them.</param>
    public (float Low, float High) RangeOf(double share)
    {
        long outside = (long)(_count * (1 - share) / 2);
        double width = 2 * _bound / Bins;
        double low = (BinsOutside(outside, fromTop: false) * width) - _bound;
        double high = _bound - (BinsOutside(outside, fromTop: true) * width);
        return (Math.Max(_minimum, Math.Min(0, (float)low)), Math.Min(_maximum, Math.Max(0, (float)high)));
    }

    /// <summary>Makes the range wide enough for values, and sums them up.</summary>
    private double Widen(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
            _minimum = Math.Min(_minimum, value);
            _maximum = Math.Max(_maximum, value);
        }

        // A value that is not finite makes the sum so.
        if (!double.IsFinite(sum))
        {
            throw new ModelException("The model computes values that are not finite, so it cannot be calibrated.");
        }

        while (Math.Max(_maximum, -_minimum) > _bound)
        {
            DoubleBound();
        }

        return sum;
    }

    // How many bins from one end hold no more than so many values.
    private int BinsOutside(long values, bool fromTop)
    {
        int bins = 0;
        for (long passed = 0; bins < Bins; bins++)
        {
            passed += _histogram[fromTop ? Bins - 1 - bins : bins];
            if (passed > values)
            {
                break;
            }
        }

        return bins;
    }

    // Two neighbours become one, in the middle half of the new range.
    private void DoubleBound()
    {
        long[] merged = new long[Bins];
        for (int bin = 0; bin < Bins; bin++)
        {
            merged[(Bins / 4) + (bin / 2)] += _histogram[bin];
        }

        merged.CopyTo(_histogram, 0);
        _bound *= 2;
    }
}

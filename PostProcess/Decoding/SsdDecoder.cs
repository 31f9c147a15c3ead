namespace Pipeline.PostProcess;

/// <summary>
/// Decodes the raw heads of an SSD, or the scored boxes of a model that decodes them itself: box codes, [N, 4], and
/// logits, [N, C], become detections.
/// </summary>
/// <remarks>
/// <para>
/// Three steps: collect the scores above the threshold, the best k of each class; take them best first, decode the box
/// of each, and keep it unless it overlaps one of its class that was kept; stop when enough are kept. Nothing that
/// comes later could have changed what was kept before, so stopping early gives the result of doing it all.
/// </para>
/// <para>
/// Every vector width gives the same bits. Scores that are NaN or infinite never pass; under softmax they take the
/// scores of their whole row with them. A candidate whose box is not finite is counted when its turn comes, and is not
/// kept.
/// </para>
/// </remarks>
public sealed class SsdDecoder : IDetectionDecoder
{
    private readonly int _rows;
    private readonly int _columns;
    private readonly int _labelOffset;
    private readonly SelectionOptions _selection;
    private readonly CandidateCollector _collector;
    private readonly CandidateLists _candidates;
    private readonly BoxCoder _coder;

    /// <summary>One per column, or one for all.</summary>
    private readonly Suppressor[] _suppressors;

    /// <summary>A decoder for raw heads.</summary>
    /// <param name="defaultBoxes">The model's default boxes; their number is the heads' rows, N.</param>
    /// <param name="options">Box code, scores and selection.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the exception names it.</exception>
    public SsdDecoder(DefaultBoxes defaultBoxes, SsdDecoderOptions options)
        : this((defaultBoxes ?? throw new ArgumentNullException(nameof(defaultBoxes))).Count, defaultBoxes, options)
    {
    }

    private SsdDecoder(int rows, DefaultBoxes? defaultBoxes, SsdDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Require.That(
            (long)rows * options.Columns <= Array.MaxLength,
            nameof(options),
            $"{rows} rows of {options.Columns} columns are more than {Array.MaxLength} scores.");
        _rows = rows;
        _columns = options.Columns;
        _labelOffset = options.Scores.LabelOffset;
        _selection = options.Selection;
        _coder = new BoxCoder(defaultBoxes, options.BoxCode);
        _collector = new CandidateCollector(rows, options);

        int lists = _selection.ClassAgnostic ? 1 : _columns;
        int usedLists = _selection.ClassAgnostic ? 1 : _collector.WantedCount;
        int perList = rows * (_selection.ClassAgnostic ? _collector.WantedCount : 1);
        _candidates = new CandidateLists(lists, perList, _selection.TopKPerClass);
        int keptPerList = Math.Min(_candidates.MostPerList, _selection.KeepPerClass ?? int.MaxValue);
        long kept = Math.Min((long)keptPerList * usedLists, _selection.TopKOverall ?? int.MaxValue);
        MaxDetections = (int)Math.Min(kept, _selection.KeepOverall ?? int.MaxValue);
        _suppressors = [.. Enumerable.Range(0, lists).Select(_ => new Suppressor(_selection, keptPerList))];
    }

    /// <inheritdoc/>
    public int MaxDetections { get; }

    /// <summary>A decoder for models that decode their boxes themselves and leave the selection to us.</summary>
    /// <param name="boxCount">Rows of the model's outputs, N; at least 1.</param>
    /// <param name="options">Its code must be <see cref="BoxCode.Decoded"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the exception names it.</exception>
    public static SsdDecoder ForDecodedBoxes(int boxCount, SsdDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Require.That(boxCount >= 1, nameof(boxCount), $"must be at least 1; it is {boxCount}.");
        Require.That(
            options.BoxCode is null or { Code: BoxCode.Decoded },
            nameof(BoxCodeOptions.Code),
            $"{options.BoxCode?.Code} is relative to default boxes, and there are none.");
        return new SsdDecoder(boxCount, defaultBoxes: null, options);
    }

    /// <inheritdoc/>
    public DecodeResult Decode(in HeadOutputs outputs, Span<Detection> detections)
    {
        CheckLengths(outputs, detections);
        _candidates.Clear();
        int nonFinite = _collector.Collect(outputs.Scores, _candidates);
        return Select(_candidates.Gather(), outputs.Boxes, detections[..MaxDetections], nonFinite);
    }

    private void CheckLengths(in HeadOutputs outputs, Span<Detection> detections)
    {
        Require.That(
            outputs.Boxes.Length == _rows * 4,
            nameof(outputs),
            $"Boxes must have {_rows}×4 numbers; it has {outputs.Boxes.Length}.");
        Require.That(
            outputs.Scores.Length == _rows * _columns,
            nameof(outputs),
            $"Scores must have {_rows}×{_columns} numbers; it has {outputs.Scores.Length}.");
        Require.That(
            detections.Length >= MaxDetections,
            nameof(detections),
            $"there must be room for {MaxDetections} detections; there is for {detections.Length}.");
    }

    /// <summary>Writes the candidates that survive suppression, until there is no room.</summary>
    private DecodeResult Select(
        Span<ulong> candidates, ReadOnlySpan<float> codes, Span<Detection> detections, int nonFinite)
    {
        foreach (Suppressor suppressor in _suppressors)
        {
            suppressor.Clear();
        }

        int count = 0;
        int allowed = _selection.TopKOverall ?? int.MaxValue;
        var best = new BestFirst(candidates, portion: 2 * MaxDetections);
        while (count < detections.Length && allowed-- > 0 && best.TryNext(out ulong key))
        {
            (int column, int row) = Math.DivRem(Candidate.Place(key), _rows);
            Box box = _coder.Decode(row, codes.Slice(row * 4, 4));
            if (!float.IsFinite(box.X1 + box.Y1 + box.X2 + box.Y2))
            {
                nonFinite++;
                continue;
            }

            Box clipped = _selection.Clip == BoxClip.None ? box : box.Clipped();
            Suppressor suppressor = _suppressors[_selection.ClassAgnostic ? 0 : column];
            if (suppressor.TryKeep(_selection.Clip == BoxClip.BeforeSuppression ? clipped : box)
                && !(_selection.DropEmpty && clipped.IsEmpty))
            {
                detections[count++] = new Detection(column + _labelOffset, Candidate.Score(key), clipped, row);
            }
        }

        return new DecodeResult(count, nonFinite);
    }
}

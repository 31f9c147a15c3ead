using Pipeline.PostProcess;

namespace Pipeline.Benchmarks;

/// <summary>
/// A baseline: decoding in plain C#, as one would write it without thinking of speed. Scores everything by the formula,
/// filters, sorts and suppresses class by class.
/// </summary>
internal sealed class PlainDecode(DecodeCase decodeCase)
{
    private readonly BoxCoder _coder = new(decodeCase.DefaultBoxes, decodeCase.Options.BoxCode);

    private readonly record struct Scored(int Row, float Score, Box Box);

    public int Run()
    {
        int columns = decodeCase.Options.Columns;
        SelectionOptions selection = decodeCase.Options.Selection;
        var candidates = new List<Scored>[columns];
        for (int column = 0; column < columns; column++)
        {
            candidates[column] = [];
        }

        var scores = new float[columns];
        for (int row = 0; row < decodeCase.DefaultBoxes.Count; row++)
        {
            Score(decodeCase.Scores.AsSpan(row * columns, columns), scores);
            for (int column = 1; column < columns; column++)
            {
                if (scores[column] > selection.ScoreThreshold)
                {
                    Box box = _coder.Decode(row, decodeCase.Boxes.AsSpan(row * 4, 4));
                    candidates[column].Add(new Scored(row, scores[column], box));
                }
            }
        }

        IEnumerable<Scored> kept = candidates.SelectMany(list => Suppress(list, selection));
        return kept.OrderByDescending(c => c.Score).Take(selection.KeepOverall ?? int.MaxValue).ToList().Count;
    }

    private void Score(ReadOnlySpan<float> logits, Span<float> scores)
    {
        if (decodeCase.Options.Scores.Function == ScoreFunction.Sigmoid)
        {
            for (int i = 0; i < logits.Length; i++)
            {
                scores[i] = 1 / (1 + MathF.Exp(-logits[i]));
            }

            return;
        }

        float largest = logits[0];
        foreach (float logit in logits)
        {
            largest = Math.Max(largest, logit);
        }

        float sum = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            scores[i] = MathF.Exp(logits[i] - largest);
            sum += scores[i];
        }

        foreach (ref float score in scores)
        {
            score /= sum;
        }
    }

    private static List<Scored> Suppress(List<Scored> candidates, SelectionOptions options)
    {
        candidates.Sort((a, b) => b.Score.CompareTo(a.Score));
        List<Scored> kept = [];
        foreach (Scored candidate in candidates.Take(options.TopKPerClass ?? int.MaxValue))
        {
            if (!kept.Exists(other => other.Box.Iou(candidate.Box) > options.IouThreshold))
            {
                kept.Add(candidate);
            }
        }

        return kept;
    }
}

namespace Pipeline.PostProcess;

/// <summary>
/// Raw heads of a made-up scene, like those that a trained network gives: for benchmarks and tests of a size that no
/// model at hand has. The same arguments give the same numbers.
/// </summary>
/// <remarks>
/// The confidences of default boxes where nothing is were fitted to the default model's heads on a street scene: of 100
/// of them, 62 have a class above .01, 15 above .05, 3 above .1. So there is as much to do at low thresholds as in real
/// life.
/// </remarks>
public sealed class SyntheticHeads
{
    private readonly Random _random;
    private readonly DefaultBoxes _defaultBoxes;
    private readonly ScoreOptions _scores;
    private readonly int _columns;

    private SyntheticHeads(DefaultBoxes defaultBoxes, SsdDecoderOptions options, int seed)
    {
        _random = new Random(seed);
        _defaultBoxes = defaultBoxes;
        _scores = options.Scores;
        _columns = options.Columns;
        Boxes = new float[defaultBoxes.Count * 4];
        Scores = new float[defaultBoxes.Count * options.Columns];
    }

    /// <summary>Box codes, [N, 4].</summary>
    public float[] Boxes { get; }

    /// <summary>Logits, [N, C].</summary>
    public float[] Scores { get; }

    /// <summary>The objects of the scene; their score is 1, their default box −1.</summary>
    public IReadOnlyList<Detection> Objects { get; private set; } = [];

    /// <summary>Both heads.</summary>
    public HeadOutputs Outputs => new(Boxes, Scores);

    /// <summary>Whether logits mean something only beside the background's.</summary>
    private bool IsRelative => _scores is { Function: ScoreFunction.Softmax, BackgroundColumn: not null };

    /// <summary>The heads of a scene with objects.</summary>
    /// <param name="defaultBoxes">The model's default boxes.</param>
    /// <param name="options">The model's codes; with softmax or sigmoid scores.</param>
    /// <param name="objects">How many objects, at least 1; 5 is a quiet street, 200 a crowd.</param>
    /// <param name="seed">Another seed gives another scene.</param>
    public static SyntheticHeads OfScene(DefaultBoxes defaultBoxes, SsdDecoderOptions options, int objects, int seed)
    {
        var heads = new SyntheticHeads(defaultBoxes, options, seed);
        heads.FillBackground();
        heads.PlaceObjects(new BoxCoder(defaultBoxes, options.BoxCode), objects);
        return heads;
    }

    /// <summary>
    /// The heads of a network that knows nothing: all classes are about equally likely everywhere, so that at a
    /// threshold below 1/C everything passes.
    /// </summary>
    /// <param name="defaultBoxes">The model's default boxes.</param>
    /// <param name="options">The model's codes.</param>
    /// <param name="seed">Another seed gives other heads.</param>
    public static SyntheticHeads Undecided(DefaultBoxes defaultBoxes, SsdDecoderOptions options, int seed)
    {
        var heads = new SyntheticHeads(defaultBoxes, options, seed);
        for (int i = 0; i < heads.Scores.Length; i++)
        {
            heads.Scores[i] = heads.Normal(0, 0.05);
        }

        for (int i = 0; i < heads.Boxes.Length; i++)
        {
            heads.Boxes[i] = heads.Normal(0, 1);
        }

        return heads;
    }

    private void FillBackground()
    {
        for (int row = 0; row < _defaultBoxes.Count; row++)
        {
            Span<float> logits = Scores.AsSpan(row * _columns, _columns);
            float background = Normal(3, 0.5);
            float level = IsRelative ? background : 0;
            float mean = Normal(-10, 0.9);
            foreach (ref float logit in logits)
            {
                logit = level + Normal(mean, 1.6);
            }

            // One class that the row leans to, more often a low one: the data sets' classes are far from equally
            // frequent.
            int column = RandomColumn();
            logits[column] = Math.Max(logits[column], level + Normal(-4.2, 1.2));
            if (_scores.BackgroundColumn is int backgroundColumn)
            {
                logits[backgroundColumn] = background;
            }
        }

        for (int i = 0; i < Boxes.Length; i++)
        {
            Boxes[i] = Normal(0, 1);
        }
    }

    private void PlaceObjects(BoxCoder coder, int count)
    {
        Detection[] objects = [.. Enumerable.Range(0, count).Select(_ => RandomObject(count))];
        for (int row = 0; row < _defaultBoxes.Count; row++)
        {
            Box corners = _defaultBoxes[row].ToCorners();
            Detection nearest = objects.MaxBy(o => corners.Iou(o.Box));
            float overlap = corners.Iou(nearest.Box);
            if (overlap > 0.35f)
            {
                Mark(coder, row, nearest, overlap);
            }
        }

        Objects = objects;
    }

    /// <summary>
    /// Lets a default box see an object: the better it fits, the surer, and the nearer the box to the truth.
    /// </summary>
    private void Mark(BoxCoder coder, int row, Detection seen, float overlap)
    {
        int column = seen.ClassId - _scores.LabelOffset;
        float level = IsRelative ? Scores[(row * _columns) + _scores.BackgroundColumn!.Value] : 0;
        float confidence = level + Normal((overlap - 0.5) * 10, 0.5);
        Scores[(row * _columns) + column] = confidence;
        float dx = Normal(0, 0.03) * seen.Box.Width;
        float dy = Normal(0, 0.03) * seen.Box.Height;
        var box = new Box(seen.Box.X1 + dx, seen.Box.Y1 + dy, seen.Box.X2 + dx, seen.Box.Y2 + dy);
        coder.Encode(row, box, Boxes.AsSpan(row * 4, 4));
    }

    /// <summary>A box of any place and class, smaller where there are many.</summary>
    private Detection RandomObject(int count)
    {
        double largest = count > 50 ? 0.25 : 0.6;
        double height = 0.06 + (_random.NextDouble() * (largest - 0.06));
        double width = height * (0.4 + _random.NextDouble());
        double x = _random.NextDouble() * (1 - width);
        double y = _random.NextDouble() * (1 - height);
        int column = RandomColumn();
        while (column == _scores.BackgroundColumn)
        {
            column = RandomColumn();
        }

        return new Detection(
            column + _scores.LabelOffset, 1, new Box((float)x, (float)y, (float)(x + width), (float)(y + height)), -1);
    }

    /// <summary>More often a low one: the classes of a data set are far from equally frequent.</summary>
    private int RandomColumn()
    {
        double lean = _random.NextDouble();
        return (int)(lean * lean * _columns);
    }

    /// <summary>Nearly normal: a sum of twelve uniform numbers, which is the same on every machine.</summary>
    private float Normal(double mean, double deviation)
    {
        double sum = -6;
        for (int i = 0; i < 12; i++)
        {
            sum += _random.NextDouble();
        }

        return (float)(mean + (deviation * sum));
    }
}

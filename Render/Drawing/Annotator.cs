using OpenCvSharp;
using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>
/// Draws detections onto pictures, in place: a box in the colour of its class, and a plate with the class's name and
/// the score. Lines and letters grow with the picture. One thread at a time; keep one for each source, because texts
/// and shapes are kept for the size of the last picture.
/// </summary>
public sealed class Annotator
{
    /// <summary>Scores are shown with two decimals.</summary>
    private const int ScoreSteps = 100;

    private static readonly Rgb CaptionColour = new(16, 16, 16);

    private readonly LabelMap _labels;
    private readonly Dictionary<int, TextMask> _names = [];
    private readonly Dictionary<char, TextMask> _letters = [];
    private readonly TextMask?[] _scores = new TextMask?[ScoreSteps + 1];
    private readonly PlatePlacer _placer = new();
    private Size _size;
    private AnnotationStyle _style = null!;
    private NinePatch _frame = null!;
    private NinePatch _plate = null!;

    /// <summary>An annotator for a model's classes.</summary>
    /// <param name="labels">The names of the classes.</param>
    public Annotator(LabelMap labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        _labels = labels;
    }

    /// <summary>Draws detections. Boxes outside the picture, empty ones and those that are not numbers are left out.</summary>
    /// <param name="image">The picture, of type CV_8UC3 (blue, green, red).</param>
    /// <param name="detections">What was found, the best first: its plates get the best places, and lie on top.</param>
    /// <param name="caption">What stands in the lower left corner; empty for nothing.</param>
    /// <exception cref="ArgumentException">The picture is empty or of another type.</exception>
    public void Draw(Mat image, ReadOnlySpan<Detection> detections, ReadOnlySpan<char> caption = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        var canvas = new Canvas(image);
        UseStyleFor(new Size(canvas.Width, canvas.Height));
        for (int i = detections.Length - 1; i >= 0; i--)
        {
            if (TryPlaceBox(detections[i].Box, out Rect box))
            {
                _frame.Draw(canvas, box, ClassPalette.Of(detections[i].ClassId));
            }
        }

        _placer.Begin(_size);
        DrawCaption(canvas, caption);
        foreach (ref readonly Detection detection in detections)
        {
            if (TryPlaceBox(detection.Box, out Rect box))
            {
                DrawPlate(canvas, detection, box);
            }
        }
    }

    /// <summary>The box in whole pixels, so far inside the picture that its line is to be seen on each side.</summary>
    private bool TryPlaceBox(Box box, out Rect pixels)
    {
        pixels = default;
        bool isVisible = box.X1 < 1 && box.Y1 < 1 && box.X2 > 0 && box.Y2 > 0 && box.X1 < box.X2 && box.Y1 < box.Y2;
        if (!isVisible)
        {
            return false; // false for NaN too: it is less than nothing
        }

        int inset = (int)MathF.Ceiling(_style.Stroke / 2);
        (int left, int right) = Side(box.X1, box.X2, _size.Width, inset);
        (int top, int bottom) = Side(box.Y1, box.Y2, _size.Height, inset);
        pixels = Rect.FromLTRB(left, top, right, bottom);
        return true;
    }

    private static (int From, int To) Side(float from, float to, int length, int inset)
    {
        int least = Math.Min(inset, length / 2);
        int most = length - least;
        return (
            Math.Clamp((int)MathF.Round(Math.Clamp(from, 0, 1) * length), least, most),
            Math.Clamp((int)MathF.Round(Math.Clamp(to, 0, 1) * length), least, most));
    }

    private void DrawPlate(in Canvas canvas, in Detection detection, Rect box)
    {
        TextMask name = NameOf(detection.ClassId);
        TextMask score = ScoreOf(detection.Score);
        int gap = _style.Padding;
        int half = (int)MathF.Round(_style.Stroke / 2);
        var framed = Rect.FromLTRB(box.Left - half, box.Top - half, box.Right + half, box.Bottom + half);
        var size = new Size(name.Width + score.Width + gap + (2 * _style.Padding), _style.PlateHeight);
        Rect plate = _placer.Place(framed, size);

        Rgb colour = ClassPalette.Of(detection.ClassId);
        Rgb text = ClassPalette.TextOn(colour);
        _plate.Draw(canvas, plate, colour);
        canvas.Draw(name, plate.X + _style.Padding, plate.Y, plate, text);
        canvas.Draw(score, plate.X + _style.Padding + name.Width + gap, plate.Y, plate, text);
    }

    /// <summary>Draws the caption first, so that no label's plate takes its place.</summary>
    private void DrawCaption(in Canvas canvas, ReadOnlySpan<char> caption)
    {
        if (caption.IsEmpty)
        {
            return;
        }

        int width = 2 * _style.Padding;
        foreach (char letter in caption)
        {
            width += LetterOf(letter).Advance;
        }

        var corner = new Rect(0, _size.Height, 0, 0);
        Rect plate = _placer.Place(corner, new Size(width, _style.PlateHeight));
        _plate.Draw(canvas, plate, CaptionColour);
        int x = plate.X + _style.Padding;
        foreach (char letter in caption)
        {
            TextMask mask = LetterOf(letter);
            canvas.Draw(mask, x, plate.Y, plate, ClassPalette.TextOn(CaptionColour));
            x += mask.Advance;
        }
    }

    /// <summary>A caption changes with each frame, so its letters are kept, not its text.</summary>
    private TextMask LetterOf(char letter)
    {
        if (!_letters.TryGetValue(letter, out TextMask? mask))
        {
            mask = new TextMask(letter.ToString(), _style);
            _letters.Add(letter, mask);
        }

        return mask;
    }

    private TextMask NameOf(int classId)
    {
        if (!_names.TryGetValue(classId, out TextMask? mask))
        {
            mask = new TextMask(_labels[classId], _style);
            _names.Add(classId, mask);
        }

        return mask;
    }

    private TextMask ScoreOf(float score)
    {
        int step = score > 0 ? (int)MathF.Round(Math.Min(score, 1) * ScoreSteps) : 0;
        return _scores[step] ??= new TextMask(FormattableString.Invariant($"{step / (double)ScoreSteps:F2}"), _style);
    }

    /// <summary>Makes shapes and texts anew where the picture has another size than the last one.</summary>
    private void UseStyleFor(Size size)
    {
        if (size != _size)
        {
            _size = size;
            _style = AnnotationStyle.For(size.Width, size.Height);
            _frame = NinePatch.Frame(_style.Stroke, _style.Outline, _style.Radius);
            _plate = NinePatch.Plate(_style.Outline, _style.Radius);
            _names.Clear();
            _letters.Clear();
            Array.Clear(_scores);
        }
    }
}

using System.Globalization;
using Pipeline.Inference;

namespace Pipeline.Host.Bench;

/// <summary>A picture to run models on, in BGR, without OpenCV.</summary>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">Width × height × 3 bytes.</param>
internal sealed record Picture(int Width, int Height, byte[] Pixels)
{
    private const int LargestSide = 16384;

    /// <summary>A picture of noise; the same seed gives the same.</summary>
    public static Picture Noise(int width, int height, int seed)
    {
        byte[] pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new Picture(width, height, pixels);
    }

    /// <summary>
    /// Reads a file of PPM pictures (P6, 8 bits), one behind the other, as ffmpeg -f image2pipe -c:v ppm writes them.
    /// </summary>
    /// <exception cref="UsageException">It is no such file.</exception>
    public static IReadOnlyList<Picture> ReadAll(string path)
    {
        var pictures = new List<Picture>();
        try
        {
            using FileStream file = File.OpenRead(path);
            while (file.Position < file.Length)
            {
                pictures.Add(Read(file));
            }

            return pictures;
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            throw new UsageException($"--pictures is {path}, which is no file of PPM pictures: {exception.Message}", exception);
        }
    }

    /// <summary>Writes the picture into a place of a slot.</summary>
    public unsafe void Prepare(Preprocessor preprocessor, Span<byte> place)
    {
        fixed (byte* pixels = Pixels)
        {
            preprocessor.Run(new ImageView((nint)pixels, Width, Height, Width * 3), place);
        }
    }

    private static Picture Read(FileStream file)
    {
        if (Word(file) != "P6")
        {
            throw new FormatException("a picture does not begin with P6.");
        }

        int width = Number(file), height = Number(file), largest = Number(file);
        if (width is < 1 or > LargestSide || height is < 1 or > LargestSide || largest != 255)
        {
            throw new FormatException($"a picture of {width}x{height} with values up to {largest} is not read.");
        }

        byte[] pixels = new byte[width * height * 3];
        file.ReadExactly(pixels);
        for (int i = 0; i < pixels.Length; i += 3)
        {
            (pixels[i], pixels[i + 2]) = (pixels[i + 2], pixels[i]);
        }

        return new Picture(width, height, pixels);
    }

    private static int Number(FileStream file) => int.Parse(Word(file), NumberStyles.None, CultureInfo.InvariantCulture);

    // A word of the header and the one white space behind it.
    private static string Word(FileStream file)
    {
        const int longest = 16;
        string word = "";
        for (int letter = file.ReadByte(); letter > ' ' && word.Length < longest; letter = file.ReadByte())
        {
            word += (char)letter;
        }

        return word;
    }
}

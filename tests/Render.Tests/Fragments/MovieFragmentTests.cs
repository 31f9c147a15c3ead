using Pipeline.Render.Tests.Recording;

namespace Pipeline.Render.Tests.Fragments;

public sealed class MovieFragmentTests
{
    [Fact]
    public void Parse_AnyByteIsWrong_GivesAFragmentOrSaysThatItIsNone()
    {
        using var made = new MadeFragments();
        EncodedFragment fragment = made.Make(0, 2)[0];
        byte[] whole = fragment.Bytes[..fragment.HeadLength].ToArray();
        for (int place = 0; place < whole.Length; place++)
        {
            foreach (byte wrong in new byte[] { 0, 1, 7, 8, 9, 0x7F, 0x80, 0xFF })
            {
                byte[] damaged = [.. whole];
                damaged[place] = wrong;
                AssertTakenOrRefused(damaged);
                AssertTakenOrRefused(damaged[..place]);
            }
        }
    }

    [Theory]
    [InlineData("mfhd")]
    [InlineData("tfhd")]
    [InlineData("tfdt")]
    [InlineData("trun")]
    public void Parse_BoxWithoutContentAtTheEnd_SaysThatItIsNone(string type)
    {
        byte[] moof = [0, 0, 0, 16, .. "moof"u8, 0, 0, 0, 8, .. System.Text.Encoding.ASCII.GetBytes(type)];

        Assert.Throws<InvalidDataException>(() => MovieFragment.Parse(moof));
    }

    private static void AssertTakenOrRefused(byte[] moof)
    {
        try
        {
            Assert.True(MovieFragment.Parse(moof).Frames > 0);
        }
        catch (InvalidDataException)
        {
            // That is what a sweep at the start expects of a file that a crash left.
        }
    }
}

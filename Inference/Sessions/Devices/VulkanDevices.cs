using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Pipeline.Inference;

/// <summary>
/// Asks the Vulkan loader for its devices, before the WebGPU provider does: that one writes warnings to standard error and
/// then says only that it has no adapter. Names and meanings are those of the Vulkan API.
/// </summary>
internal static unsafe class VulkanDevices
{
    /// <summary>The loader, by the name under which the provider opens it.</summary>
    private const string LoaderName = "libvulkan.so.1";

    private const string Remedy = "Install your GPU's Vulkan driver (docs/gpu.md)";
    private const uint InstanceCreateInfoType = 1;
    private const int Success = 0;
    private const int Incomplete = 5;
    private const int IncompatibleDriver = -9;
    private const int MostDevices = 16;

    // Where VkPhysicalDeviceProperties, of 824 bytes, has what is wanted of it.
    private const int PropertiesRoom = 1024;
    private const int TypeOffset = 16;
    private const int NameOffset = 20;
    private const int ProcessorType = 4;

    /// <summary>Looks for devices.</summary>
    /// <param name="devices">What there is; empty where nothing is.</param>
    /// <returns>Why there is none, in a sentence or two; null where there is one.</returns>
    public static string? FindFault(out ImmutableArray<VulkanDevice> devices)
    {
        devices = [];
        if (!NativeLibrary.TryLoad(LoaderName, out nint loader))
        {
            return $"{LoaderName} (the Vulkan loader) can't be loaded. Install it, and your GPU's Vulkan driver (docs/gpu.md)";
        }

        InstanceCreateInfo info = new() { Type = InstanceCreateInfoType };
        nint instance;
        int error = ((delegate* unmanaged<InstanceCreateInfo*, void*, nint*, int>)Find(loader, "vkCreateInstance"))(
            &info, null, &instance);
        if (error != Success)
        {
            return error == IncompatibleDriver
                ? $"the Vulkan loader finds no driver. {Remedy}"
                : string.Create(CultureInfo.InvariantCulture, $"Vulkan does not start (error {error}). {Remedy}");
        }

        try
        {
            devices = DevicesOf(loader, instance);
            return devices.IsEmpty ? $"no Vulkan driver finds a device that this user may open. {Remedy}" : null;
        }
        finally
        {
            ((delegate* unmanaged<nint, void*, void>)Find(loader, "vkDestroyInstance"))(instance, null);
        }
    }

    private static ImmutableArray<VulkanDevice> DevicesOf(nint loader, nint instance)
    {
        nint* handles = stackalloc nint[MostDevices];
        uint count = MostDevices;
        int error = ((delegate* unmanaged<nint, uint*, nint*, int>)Find(loader, "vkEnumeratePhysicalDevices"))(
            instance, &count, handles);
        if (error is not (Success or Incomplete))
        {
            // Drivers are there and none of them has a device.
            return [];
        }

        var describe = (delegate* unmanaged<nint, byte*, void>)Find(loader, "vkGetPhysicalDeviceProperties");
        byte* properties = stackalloc byte[PropertiesRoom];
        var devices = ImmutableArray.CreateBuilder<VulkanDevice>((int)count);
        for (int i = 0; i < count; i++)
        {
            describe(handles[i], properties);
            devices.Add(new VulkanDevice(
                Marshal.PtrToStringUTF8((nint)(properties + NameOffset)) ?? "",
                *(int*)(properties + TypeOffset) == ProcessorType));
        }

        return devices.DrainToImmutable();
    }

    private static nint Find(nint loader, string name) => NativeLibrary.GetExport(loader, name);

    /// <summary>VkInstanceCreateInfo, all of it empty but the type: no layers, no extensions, Vulkan 1.0.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct InstanceCreateInfo
    {
        public uint Type;
    }
}
